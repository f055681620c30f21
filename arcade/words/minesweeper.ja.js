/** マインスイーパーのことば。 */
export default {
  'minesweeper.keys': 'クリックか Enter で開き、右クリック・長押し・F で旗。数字を押すと、旗のない周りのマスをまとめて開きます。',
  mines: '残り地雷',
  fresh: '新しい盤面',
  won: 'クリア！',
  lost: 'ドカン',
  flagging: 'タップで旗を立てる',
  field: '地雷原　{columns}×{rows}',
  square: '{row}行{column}列',
  'square.closed': '未開',
  'square.flag': '旗',
  'square.clear': '空き',
  'square.mine': '地雷',
  'square.wrong': '旗の間違い',
  first: 'マスを開くと計時が始まります。',
  'ticket.lost': '記録なし：クリアした盤面だけが対象です。',
};
