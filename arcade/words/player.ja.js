/** プレイヤーダイアログの文言。 */
export default {
  'player.save': '名前を保存',
  'player.saved': '保存しました。次のプレイからこの名前になります。',
  'player.close': '閉じる',
  'player.carry': '別の端末でプレイする',
  'player.carry.more': 'このコードを知っている人は、誰でもあなたとしてプレイできます。他人に教えないでください。',
  'player.show': 'コードを表示',
  'player.copy': 'コピー',
  'player.copied': 'コピーしました',
  'player.code': 'プレイヤーコード',
  'player.paste': '別の端末のコード',
  'player.become': 'このプレイヤーを使う',
  'player.became': 'おかえりなさい、{name} さん。',
  'player.bad': 'プレイヤーコードではありません。先頭から末尾まで、すべてコピーしてください。',
  'player.forgotten': 'このブラウザーではデータを保存できないため、ページを閉じるとこのプレイヤーは失われます。',
};
