// The views behind an API key: on the left their names, on the right the selected one.
//
// The address selects the view: #/, #/fn/<function>, #/requests?…, #/functions/<project>/<function>.

import { failure, note } from '../creators/parts.js';
import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';
import { Detail } from './detail.js';
import { Functions } from './functions.js';
import { Overview } from './overview.js';
import { Requests } from './requests.js';

const VIEWS = { '': Overview, fn: Detail, requests: Requests, functions: Functions };
const NAMED = [['', 'overview'], ['requests', 'requests'], ['functions', 'functions']];

export class Workspace {
  #view = null;

  constructor(root, session) {
    this.session = session;
    this.side = el('nav', { class: 'side', 'aria-label': t('insights') });
    this.content = el('section', { class: 'content' });
    root.append(this.side, this.content);
    const draw = () => this.side.isConnected && this.#draw();
    spoken(draw);
    addEventListener('hashchange', draw);
  }

  /** The view, the names after it, and the filters. */
  get place() {
    const [path, filters = ''] = location.hash.replace(/^#\/?/, '').split('?');
    const [view = '', ...names] = path.split('/').map(decodeURIComponent);
    return { view: VIEWS[view] ? view : '', names, filters: Object.fromEntries(new URLSearchParams(filters)) };
  }

  /** Shows what a request answers instead of a note; a failure offers another try. */
  async fill(body, load, draw) {
    body.replaceChildren(note('loading'));
    try {
      const said = await load();
      if (body.isConnected) body.replaceChildren(...draw(said));
    } catch (error) {
      if (body.isConnected) body.replaceChildren(failure(error, () => this.fill(body, load, draw)));
    }
  }

  #draw() {
    this.#view?.close?.();
    const { view } = this.place;
    const links = NAMED.map(([name, key]) =>
      el('li', {}, el('a', { href: `#/${name}`, 'aria-current': (name === view || (view === 'fn' && !name)) && 'page' }, t(key))),
    );
    const leave = el('button', { type: 'button', class: 'quiet', onclick: () => this.session.leave() }, t('key.leave'));
    this.side.replaceChildren(el('h2', {}, t('insights')), el('ul', {}, ...links), leave);
    const body = el('div', { class: 'view' });
    this.content.replaceChildren(el('h1', {}, this.#title()), body);
    this.#view = new VIEWS[view](body, this);
  }

  #title() {
    const { view, names } = this.place;
    if (view === 'fn') return names[0] ?? '';
    return t({ '': 'overview', requests: 'requests', functions: 'functions' }[view]);
  }
}
