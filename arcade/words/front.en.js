/** Texts of the front page, in English. */
export default {
  'front.title': 'Three small games. Scores you can trust.',
  'front.lede': 'Every play gets a ticket: punched when you start, stamped when you finish. Only stamped tickets reach the leaderboard.',
  'front.leaders': 'All-time top three',
  'front.play': 'Play {game}',
  'front.honest': 'How scores are verified',
  'front.honest.1': 'When you start, the server signs a ticket for this game, this player and this moment.',
  'front.honest.2': 'When you finish, it checks the clock and signs how long you played. The page cannot choose that time.',
  'front.honest.3': 'A score that is changed, reused, taken from another player or too high for its time is refused.',
};
