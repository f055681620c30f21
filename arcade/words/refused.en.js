/** Why a score was refused, in English. */
export default {
  'refused.changed': 'The score, the name or the ticket was changed on its way to the server. Play again, and your score will count.',
  'refused.used': 'This ticket has already been used. Each play has its own; please start a new one.',
  'refused.time': 'The server’s clock and this page’s did not agree about this play; the device may have been asleep. The next play will be fine.',
  'refused.late': 'The score was sent too late: a ticket is valid only for a short while after the play.',
  'refused.limits': 'This score is not possible in this play time.',
  'refused.player': 'This score belongs to another player.',
  'refused.banned': 'This player is banned from the leaderboard.',
  'refused.name': 'The leaderboard cannot show this name. Choose another one, then send again.',
  'refused.else': 'The server refused the score ({code}).',
};
