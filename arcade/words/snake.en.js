/** Snake, in English. */
export default {
  'snake.keys': 'Arrow keys or WASD. On glass: swipe, or tap where to go. P pauses.',
  full: 'The whole field. Bravo!',
};
