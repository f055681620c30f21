// Elements that the creators' views share.

import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';

export const note = (key, values) => el('p', { class: 'note', role: 'status' }, t(key, values));

/** The text for an error: ours if there is one for its code, else the API's. */
export function reason(error) {
  const key = `error.${error.code}`;
  return t(KNOWN.has(error.code) ? key : 'error.else', { message: error.message });
}

const KNOWN = new Set([
  'offline',
  'signed_out',
  'invalid_credentials',
  'email_not_confirmed',
  'project_changed',
  'unknown_project',
  'being_erased',
  'too_many_projects',
  'too_many_keys',
  'internal',
  'busy',
]);

export function failure(error, retry) {
  const again = retry && el('button', { type: 'button', class: 'quiet', onclick: retry }, t('retry'));
  return el('div', { class: 'failure', role: 'alert' }, el('p', {}, reason(error)), again);
}

let fields = 0;

/** A label, its field, and a hint that belongs to it. */
export function field(label, input, hint) {
  const id = `field-${(fields += 1)}`;
  input.id = id;
  const more = hint && el('p', { class: 'hint', id: `${id}-hint` }, hint);
  if (more) input.setAttribute('aria-describedby', more.id);
  return el('div', { class: 'field' }, el('label', { for: id }, label), input, more);
}

/** A form whose button rests while it sends, and which says what became of it. */
export function form({ button, kind = '', send, done }, ...children) {
  const says = el('p', { class: 'says', role: 'status' });
  const submit = el('button', { class: kind }, t(button));
  const made = el('form', { onsubmit: run }, ...children, el('div', { class: 'row' }, submit, says));

  async function run(event) {
    event.preventDefault();
    submit.disabled = true;
    says.classList.remove('bad');
    says.textContent = t('sending');
    try {
      await send();
      says.textContent = done ? t(done) : '';
    } catch (error) {
      says.classList.add('bad');
      says.textContent = reason(error);
    }
    submit.disabled = false;
  }
  return made;
}

export const lines = (text) => text.split(/[\s,]+/).filter(Boolean);

/** Asks before what cannot be undone: it happens once the name has been written again. */
export function confirmed({ title, text, name, button, act }) {
  return new Promise((settle) => {
    const typed = el('input', { autocomplete: 'off', spellcheck: 'false', oninput: () => (go.disabled = typed.value.trim() !== name) });
    const go = el('button', { class: 'danger', disabled: true }, t(button));
    const says = el('p', { class: 'says', role: 'status' });
    const cancel = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, t('cancel'));
    const ask = el(
      'form',
      { onsubmit: run },
      el('h2', {}, t(title)),
      el('p', {}, t(text)),
      field(t('confirm.type', { name }), typed),
      el('div', { class: 'row' }, go, cancel, says),
    );
    const dialog = document.body.appendChild(el('dialog', { class: 'confirm' }, ask));
    let answer = null;
    dialog.addEventListener('close', () => {
      dialog.remove();
      settle(answer);
    });
    dialog.showModal();

    async function run(event) {
      event.preventDefault();
      go.disabled = true;
      try {
        answer = await act();
        dialog.close();
      } catch (error) {
        says.classList.add('bad');
        says.textContent = reason(error);
        go.disabled = false;
      }
    }
  });
}

const LOOK_MS = 1500;

/** How far an erasure has come, until it is done or nobody looks any more. */
export function jobLine(session, job) {
  const line = el('p', { class: 'job', role: 'status' });
  const draw = () => {
    const gone = Object.values(job.removed).reduce((sum, count) => sum + count, 0);
    line.textContent = t(job.status === 'done' ? 'job.done' : 'job.running', { n: gone });
    line.dataset.status = job.status;
  };
  draw();
  const look = async () => {
    if (job.status === 'done' || !line.isConnected) return;
    try {
      job = await session.ask('GET', `/creator/job/${job.id}`);
      draw();
    } catch {
      // The next look may hear more.
    }
    setTimeout(look, LOOK_MS);
  };
  setTimeout(look, LOOK_MS);
  return line;
}
