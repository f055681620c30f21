/** The player's dialog, in English. */
export default {
  'player.save': 'Save name',
  'player.saved': 'Saved. It counts from the next play on.',
  'player.close': 'Close',
  'player.carry': 'Move to another device',
  'player.carry.more': 'This code is you. Whoever has it plays as you, so keep it to yourself.',
  'player.show': 'Show my code',
  'player.copy': 'Copy',
  'player.copied': 'Copied',
  'player.code': 'Player code',
  'player.paste': 'Code from the other device',
  'player.become': 'Become this player',
  'player.became': 'Welcome back, {name}.',
  'player.bad': 'That is no player code. Copy it whole, from its first character to its last.',
  'player.forgotten': 'This browser keeps nothing for this page, so you are this player only until you close it.',
};
