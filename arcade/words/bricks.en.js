/** Texts of Bricks, in English. */
export default {
  'bricks.keys': 'Mouse, drag or arrow keys move. Space or a tap serves. P pauses.',
  balls: 'Balls',
};
