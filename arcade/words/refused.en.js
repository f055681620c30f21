/** Why a play was not stamped. */
export default {
  'refused.changed': 'What was sent is not what was played: the score, the name or the ticket had been changed on its way. Nothing is lost; play again and it counts.',
  'refused.used': 'This ticket has been used already. Each play has one of its own; start another.',
  'refused.time': 'The edge’s clock and this page’s did not agree about the play. It may have slept on the way; the next one will be fine.',
  'refused.late': 'It came too late: a ticket is good for a short while after the play.',
  'refused.limits': 'The points and the play time do not go together in this game.',
  'refused.player': 'This score was for somebody else. Nobody can play in another’s name here.',
  'refused.banned': 'This player may not enter the board.',
  'refused.name': 'The board cannot show that name. Choose another, then send again.',
  'refused.else': 'The edge gave no reason this page knows ({code}).',
};
