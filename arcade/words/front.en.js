/** The front page, in English. */
export default {
  'front.title': 'Three small games. Scores you can believe.',
  'front.lede': 'Every play gets a ticket: punched when you start, stamped when you finish. Only stamped tickets reach the board.',
  'front.leaders': 'All-time leaders',
  'front.play': 'Play {game}',
  'front.honest': 'What the stamp is worth',
  'front.honest.1': 'At the start the network’s edge signs a ticket for this game, this player and this moment.',
  'front.honest.2': 'At the end it checks the clock and signs how long you played. The page cannot choose that number.',
  'front.honest.3': 'A score that was changed, reused, borrowed or too fast for its time is refused before it costs anything.',
};
