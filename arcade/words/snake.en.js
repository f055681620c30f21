/** Texts of Snake, in English. */
export default {
  'snake.keys': 'Arrow keys or WASD. On a touch screen: swipe, or tap where to go. P pauses.',
  full: 'You filled the whole field. Bravo!',
};
