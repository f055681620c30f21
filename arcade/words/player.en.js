/** Texts of the player dialog, in English. */
export default {
  'player.save': 'Save name',
  'player.saved': 'Saved. Your next play uses this name.',
  'player.close': 'Close',
  'player.carry': 'Play on another device',
  'player.carry.more': 'Anyone who has this code can play as you, so keep it to yourself.',
  'player.show': 'Show my code',
  'player.copy': 'Copy',
  'player.copied': 'Copied',
  'player.code': 'Player code',
  'player.paste': 'Code from the other device',
  'player.become': 'Use this player',
  'player.became': 'Welcome back, {name}.',
  'player.bad': 'This is not a player code. Copy the whole code, from the first to the last character.',
  'player.forgotten': 'This browser does not store data for this page, so your player is lost when you close it.',
};
