// The signed-in view: projects on the left, the selected view on the right.
//
// The address selects the view: #/new, #/keys, #/log, #/tunnels, #/<project>, #/<project>/settings, #/<project>/keys.

import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';
import { Keys } from './keys.js';
import { Log } from './log.js';
import { Statistics } from './statistics.js';
import { failure, note } from './parts.js';
import { NewProject, Settings } from './settings.js';

const VIEWS = { statistics: Statistics, settings: Settings, keys: Keys };

/** Whether this site has tunnels, or insights. */
async function has(feature) {
  try {
    const answer = await fetch(`/${feature}.json`);
    return answer.ok && (await answer.json()).on === true;
  } catch {
    return false;
  }
}

/** Most visits never open tunnels, so their code is loaded with the view. */
class LaterTunnels {
  constructor(root, workspace) {
    import('./tunnels.js').then(({ Tunnels }) => {
      if (root.isConnected) this.view = new Tunnels(root, workspace);
    });
  }

  close() {
    this.view?.close();
  }
}

export class Workspace {
  #projects = null;
  #tunnels = false;
  #insights = false;
  #failed = null;
  #view = null;

  constructor(root, session) {
    this.root = root;
    this.session = session;
    this.side = el('nav', { class: 'side', 'aria-label': t('projects') });
    this.content = el('section', { class: 'content' });
    root.append(this.side, this.content);
    spoken(() => this.#here && this.#draw());
    addEventListener('hashchange', () => this.#here && this.#draw());
    this.load();
  }

  get #here() {
    return this.side.isConnected;
  }

  async load() {
    this.#failed = null;
    [this.#tunnels, this.#insights] = await Promise.all([has('tunnels'), has('insights')]);
    try {
      this.#projects = (await this.session.ask('GET', '/projects')).projects;
    } catch (error) {
      this.#failed = error;
    }
    if (this.#here) this.#draw();
  }

  /** Reloads the projects after one was created, deleted or renamed. */
  async changed(place) {
    await this.load();
    if (place !== undefined) location.hash = place;
  }

  nameOf(id) {
    return this.#projects?.find((project) => project.id === id)?.name ?? id.slice(0, 8);
  }

  get #place() {
    const [id = '', view = 'statistics'] = location.hash.replace(/^#\/?/, '').split('/');
    return { id: id || this.#projects?.[0]?.id || 'new', view };
  }

  #draw() {
    this.#view?.close?.();
    this.#view = null;
    this.side.setAttribute('aria-label', t('projects'));
    this.side.replaceChildren(...this.#sideContent());
    this.content.replaceChildren(...this.#mainContent());
  }

  #sideContent() {
    const { id } = this.#place;
    const link = (place, text, kind) =>
      el('li', {}, el('a', { href: `#/${place}`, class: kind, 'aria-current': place === id && 'page' }, text));
    const projects = (this.#projects ?? []).map((project) => link(project.id, project.name));
    return [
      el('h2', {}, t('projects')),
      el('ul', {}, ...projects, link('new', t('project.new'), 'more')),
      el('h2', {}, t('account')),
      el('ul', {}, link('keys', t('keys.shared')), link('log', t('log')), this.#tunnels ? link('tunnels', t('tunnels')) : null, this.#insights ? el('li', {}, el('a', { href: '/insights.html' }, t('insights'))) : null),
      el('p', { class: 'who' }, el('bdi', {}, this.session.email)),
      el('button', { type: 'button', class: 'quiet', onclick: () => this.session.leave() }, t('sign.out')),
    ];
  }

  #mainContent() {
    if (this.#failed) return [failure(this.#failed, () => this.load())];
    if (!this.#projects) return [note('loading')];
    const { id, view } = this.#place;
    const content = el('div', { class: 'view' });
    const own = { keys: Keys, log: Log, new: NewProject, tunnels: LaterTunnels }[id];
    if (own) {
      this.#view = new own(content, this, {});
      return [el('h1', {}, t({ keys: 'keys.shared', log: 'log', new: 'project.new', tunnels: 'tunnels' }[id])), content];
    }
    const project = this.#projects.find((each) => each.id === id);
    if (!project) return [note('error.unknown_project')];
    const chosen = VIEWS[view] ? view : 'statistics';
    this.#view = new VIEWS[chosen](content, this, { project });
    return [this.#title(project), this.#tabs(project, chosen), content];
  }

  #title(project) {
    const copied = el('button', { type: 'button', class: 'quiet', onclick: copy }, t('copy'));
    function copy() {
      navigator.clipboard?.writeText(project.id).then(() => (copied.textContent = t('copied')), () => {});
    }
    return el('header', {}, el('h1', {}, project.name), el('p', { class: 'id' }, el('code', {}, project.id), copied));
  }

  #tabs(project, chosen) {
    const links = Object.keys(VIEWS).map((view) =>
      el('a', { href: `#/${project.id}/${view}`, 'aria-current': view === chosen && 'page' }, t(`view.${view}`)),
    );
    return el('nav', { class: 'views', 'aria-label': project.name }, ...links);
  }
}
