// Sets theme and language before the first paint. A classic script, because modules run later.
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
  // If a module does not load, show the page anyway, with a notice.
  setTimeout(function () {
    if (!root.classList.contains('untranslated')) return;
    root.classList.remove('untranslated');
    var told = document.createElement('p');
    told.className = 'broken';
    told.setAttribute('role', 'alert');
    told.textContent = root.lang === 'ja' ? 'ページの一部を読み込めませんでした。再読み込みしてください。' : 'Part of this page could not be loaded. Please reload it.';
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
