// A project's settings, and the deletion of the project or of a player's data.

import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';
import { confirmed, failure, field, form, jobLine, lines, note } from './parts.js';

export class NewProject {
  constructor(root, workspace) {
    const name = el('input', { maxlength: 80, required: true });
    const events = el('textarea', { rows: 3, class: 'code', spellcheck: 'false' });
    events.value = 'start level_up game_over';
    const send = async () => {
      const made = await workspace.session.ask('POST', '/projects', { name: name.value, events: lines(events.value) });
      await workspace.changed(`#/${made.id}/settings`);
    };
    root.append(
      el('p', { class: 'lede' }, t('project.new.lede')),
      form({ button: 'project.make', send }, field(t('project.name'), name), field(t('project.events'), events, t('project.events.hint'))),
    );
    name.focus({ preventScroll: true });
  }
}

export class Settings {
  constructor(root, workspace, { project }) {
    this.root = root;
    this.workspace = workspace;
    this.session = workspace.session;
    this.path = `/project/${project.id}`;
    root.append(note('loading'));
    this.load();
  }

  async load() {
    try {
      this.#draw(await this.session.ask('GET', this.path));
    } catch (error) {
      this.root.replaceChildren(failure(error, () => this.load()));
    }
  }

  #draw(project) {
    this.root.replaceChildren(this.#form(project), this.#forgetting(), this.#deleting(project));
  }

  #form(project) {
    let { version } = project;
    const name = el('input', { value: project.name, maxlength: 80, required: true });
    const events = list(project.events);
    const injectable = list(project.injectable);
    const hidden = list(Object.keys(project.collections).filter((each) => project.collections[each] === 'private'));
    const days = ['eventDays', 'sessionDays', 'scoreDays'].map((kind) => daysField(kind, project.retention[kind]));
    const send = async () => {
      const changed = await this.session.ask('PUT', this.path, {
        name: name.value,
        events: lines(events.value),
        injectable: lines(injectable.value),
        collections: Object.fromEntries(lines(hidden.value).map((each) => [each, 'private'])),
        retention: Object.fromEntries(days.map(({ kind, value }) => [kind, value()])),
        version,
      });
      version = changed.version;
      if (changed.name !== project.name) this.workspace.changed();
    };
    return form(
      { button: 'save', send, done: 'saved' },
      field(t('project.name'), name),
      field(t('project.events'), events, t('project.events.hint')),
      el('fieldset', { class: 'days' }, el('legend', {}, t('retention')), ...days.map(({ node }) => node)),
      field(t('project.injectable'), injectable, t('project.injectable.hint')),
      field(t('project.private'), hidden, t('project.private.hint')),
    );
  }

  #forgetting() {
    const key = el('input', { class: 'code', maxlength: 128, autocomplete: 'off', spellcheck: 'false', required: true });
    const job = el('div', {});
    const send = async () => {
      const begun = await this.session.ask('POST', `${this.path}/forget`, { playerKey: key.value });
      job.replaceChildren(jobLine(this.session, begun));
    };
    return el(
      'div',
      { class: 'card' },
      el('h2', {}, t('forget')),
      el('p', {}, t('forget.text')),
      form({ button: 'forget.go', kind: 'quiet', send }, field(t('forget.key'), key)),
      job,
    );
  }

  #deleting(project) {
    const card = el('div', { class: 'card exit' });
    const go = el('button', { type: 'button', class: 'danger', onclick: remove }, t('project.delete'));
    const { session, workspace, path } = this;
    async function remove() {
      const job = await confirmed({
        title: 'project.delete',
        text: 'project.delete.text',
        name: project.name,
        button: 'delete',
        act: () => session.ask('DELETE', path),
      });
      if (job) workspace.changed('#/');
    }
    card.append(el('h2', {}, t('project.delete')), el('p', {}, t('project.delete.text')), go);
    return card;
  }
}

function list(names) {
  const area = el('textarea', { rows: Math.max(2, Math.ceil(names.length / 3)), class: 'code', spellcheck: 'false' });
  area.value = names.join(' ');
  return area;
}

function daysField(kind, days) {
  const most = kind === 'scoreDays' ? 3650 : 365;
  const input = el('input', { type: 'number', min: 1, max: most, value: days ?? 365, inputmode: 'numeric' });
  const forever = kind === 'scoreDays' && el('input', { type: 'checkbox', onchange: () => (input.disabled = forever.checked) });
  if (forever) {
    forever.checked = days === null;
    input.disabled = forever.checked;
  }
  const node = field(t(`retention.${kind}`), input);
  if (forever) node.append(el('label', { class: 'check' }, forever, t('retention.forever')));
  return { kind, node, value: () => (forever && forever.checked ? null : Number(input.value)) };
}
