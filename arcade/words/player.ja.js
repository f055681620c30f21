/** プレイヤーのダイアログのことば。 */
export default {
  'player.save': '名前を保存',
  'player.saved': '保存しました。次のプレイから使われます。',
  'player.close': '閉じる',
  'player.carry': '別の端末へ移る',
  'player.carry.more': 'このコードがあなた自身です。持っている人は誰でもあなたとして遊べるので、人に見せないでください。',
  'player.show': 'コードを表示',
  'player.copy': 'コピー',
  'player.copied': 'コピーしました',
  'player.code': 'プレイヤーコード',
  'player.paste': '別の端末のコード',
  'player.become': 'このプレイヤーになる',
  'player.became': 'おかえりなさい、{name} さん。',
  'player.bad': 'プレイヤーコードではないようです。最初から最後まで、そのまま貼り付けてください。',
  'player.forgotten': 'このブラウザーは保存を許していないため、ページを閉じるとこのプレイヤーは失われます。',
};
