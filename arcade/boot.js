// Before the first paint, so that neither colours nor language flash. A classic script on purpose.
(function () {
  var PATIENCE_MS = 8000;
  var root = document.documentElement;
  function kept(name) {
    try {
      return localStorage.getItem('arcade.' + name);
    } catch (blocked) {
      return null;
    }
  }
  var theme = kept('theme');
  if (theme) root.dataset.theme = theme;
  root.lang = kept('language') || (/^ja\b/.test(navigator.language) ? 'ja' : 'en');
  root.classList.add('untranslated');
  // Whatever of it does not come: better a page without its games than nothing at all.
  setTimeout(function () {
    if (!root.classList.contains('untranslated')) return;
    root.classList.remove('untranslated');
    var told = document.createElement('p');
    told.className = 'broken';
    told.setAttribute('role', 'alert');
    told.textContent = root.lang === 'ja' ? 'ページの一部が届きませんでした。再読み込みしてください。' : 'Part of this page did not arrive. Please load it again.';
    document.body.prepend(told);
  }, PATIENCE_MS);
  var own = root.dataset.words ? root.dataset.words.split(' ') : [];
  [''].concat(own).forEach(function (name) {
    var words = document.createElement('link');
    words.rel = 'modulepreload';
    words.href = '/words/' + (name && name + '.') + root.lang + '.js';
    document.head.append(words);
  });
})();
