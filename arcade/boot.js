// Before the first paint, so that neither colours nor language flash. A classic script on purpose.
(function () {
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
  var own = root.dataset.words ? root.dataset.words.split(' ') : [];
  [''].concat(own).forEach(function (name) {
    var words = document.createElement('link');
    words.rel = 'modulepreload';
    words.href = '/words/' + (name && name + '.') + root.lang + '.js';
    document.head.append(words);
  });
})();
