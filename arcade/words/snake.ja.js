/** スネークのことば。 */
export default {
  'snake.keys': '矢印キーまたは WASD。タッチならスワイプか、行き先をタップ。P で一時停止。',
  full: '全面制覇。お見事！',
};
