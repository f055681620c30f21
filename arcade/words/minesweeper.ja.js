/** マインスイーパーの文言。 */
export default {
  'minesweeper.keys': 'クリックか Enter で開き、右クリック・長押し・F で旗。数字をクリックすると、旗のない周囲をまとめて開きます。',
  mines: '残り地雷',
  fresh: '新しい盤面',
  won: 'クリア！',
  lost: 'ゲームオーバー',
  flagging: 'タップで旗を立てる',
  field: '地雷原　{columns}×{rows}',
  square: '{row}行{column}列',
  'square.closed': '未開封',
  'square.flag': '旗',
  'square.clear': '空き',
  'square.mine': '地雷',
  'square.wrong': '間違った旗',
  first: 'マスを開くと計測が始まります。',
  'ticket.lost': '記録なし：クリアした盤面だけが対象です。',
};
