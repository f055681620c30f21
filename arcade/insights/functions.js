// Creators' functions: their list, and for one of them an editor, a run, its versions and its log.

import { field, form, note } from '../creators/parts.js';
import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';
import { pushed } from './shape.js';
import { moment, ms, table } from './tables.js';

const TEMPLATE = 'function handler(input, context) {\n  return { hello: input };\n}\n';
const SETTINGS = '{\n  "description": "",\n  "schema": {},\n  "examples": []\n}';

export class Functions {
  constructor(root, workspace) {
    this.root = root;
    this.workspace = workspace;
    const [project, name] = workspace.place.names;
    if (name) this.#one(project, name);
    else if (project) this.#list(project);
    else this.#choose();
  }

  #ask(method, path, body) {
    return this.workspace.session.ask(method, `/functions/${path}`, body);
  }

  /** A user of the API has functions of its own; an admin may look at anybody's. */
  #choose() {
    this.workspace.fill(
      this.root,
      () => this.workspace.session.ask('GET', '/insights/users'),
      ({ users }) => [
        el('p', {}, t('functions.whose')),
        el('ul', {}, ...users.map(({ userId }) => el('li', {}, el('a', { href: `#/functions/${userId}` }, userId)))),
      ],
    );
  }

  #list(project) {
    this.workspace.fill(
      this.root,
      () => this.#ask('GET', project),
      ({ functions }) => {
        const rows = functions.map((each) => [
          el('a', { href: `#/functions/${project}/${each.languageTitle}` }, each.title),
          each.active ? String(each.version) : t('off'),
          each.description,
        ]);
        const name = el('input', { required: true, pattern: '[a-z0-9][a-z0-9\\-]{0,63}', spellcheck: 'false' });
        const open = async () => {
          location.hash = `#/functions/${project}/javascript-${name.value}`;
        };
        return [table(['function', 'version', 'description'], rows, 'functions.none'), form({ button: 'functions.new', send: open }, field(t('function'), name))];
      },
    );
  }

  #one(project, name) {
    const path = `${project}/${name}`;
    const load = async () => {
      const known = await this.#ask('GET', path).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
      if (!known) return { known, version: null, runs: [] };
      const [version, { items }] = await Promise.all([
        this.#ask('GET', `${path}/versions/${known.version ?? known.latestVersion}`),
        this.#ask('GET', `${path}/runs`),
      ]);
      return { known, version, runs: items };
    };
    this.workspace.fill(this.root, load, ({ known, version, runs }) => [
      el('p', {}, el('a', { href: `#/functions/${project}` }, project), ' / ', el('code', {}, name)),
      this.#editor(path, version, () => this.#one(project, name)),
      ...(known ? [this.#run(path), this.#versions(path, known, () => this.#one(project, name)), logged(runs)] : []),
    ]);
  }

  #editor(path, version, again) {
    const source = el('textarea', { rows: 18, spellcheck: 'false', class: 'code' });
    const settings = el('textarea', { rows: 8, spellcheck: 'false', class: 'code' });
    source.value = version?.source ?? TEMPLATE;
    settings.value = version ? JSON.stringify(kept(version), null, 2) : SETTINGS;
    const send = async () => {
      await this.#ask('PUT', path, pushed(source.value, settings.value));
      again();
    };
    return form({ button: 'push', send }, field('function.js', source), field('function.json', settings, t('push.hint')));
  }

  #run(path) {
    const input = el('textarea', { rows: 3, spellcheck: 'false', class: 'code' });
    const answer = el('code', {});
    input.value = '{}';
    const send = async () => {
      const said = await this.#ask('POST', path, { input: JSON.parse(input.value || 'null') });
      answer.textContent = JSON.stringify(said, null, 2);
    };
    return el('section', { class: 'card' }, el('h2', {}, t('run')), form({ button: 'run', send }, field(t('input'), input)), el('pre', {}, answer));
  }

  #versions(path, known, again) {
    const activate = (version) => async () => {
      await this.#ask('POST', `${path}/activate`, { version });
      again();
    };
    const numbers = Array.from({ length: known.latestVersion }, (_, place) => known.latestVersion - place).slice(0, 20);
    const rows = numbers.map((number) => [
      String(number),
      number === known.version ? t('runs.now') : el('button', { type: 'button', class: 'quiet', onclick: activate(number) }, t('activate')),
    ]);
    const off = known.active && el('button', { type: 'button', class: 'quiet', onclick: activate(null) }, t('switch.off'));
    return el('section', { class: 'card' }, el('h2', {}, t('versions')), table(['version', 'state'], rows, 'loading'), off || null);
  }
}

const kept = ({ description, tags, schema, contextSchema, cacheSeconds, forPlayers, capture, examples }) => ({ description, tags, schema, contextSchema, cacheSeconds, forPlayers, capture, examples });

function logged(runs) {
  const lines = runs.map((each) => {
    const text = [...each.logs.map(({ level, text: said }) => `${level}: ${said}`), ...(each.error ? [`${each.error.code}: ${each.error.message}`, each.error.stack] : [])];
    if (each.request) text.push(`request: ${JSON.stringify(each.request, null, 2)}`);
    return el('details', {}, el('summary', {}, `${moment(each.ms)} · ${ms(each.tookMs)} ms`), el('pre', {}, el('code', {}, text.join('\n'))));
  });
  return el('section', { class: 'card' }, el('h2', {}, t('runs.log')), ...(lines.length ? lines : [note('runs.none')]));
}
