// The player's name, and a code that moves the player to another device.

import { el } from './dom.js';
import { learn, t } from './i18n.js';
import { nameField } from './player.js';

export async function openDialog(player) {
  await learn('player');
  const close = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, t('player.close'));
  const dialog = el(
    'dialog',
    // This removes the code, too.
    { 'aria-labelledby': 'player-title', onclose: () => dialog.remove() },
    el('div', { class: 'head' }, el('h2', { id: 'player-title' }, t('player')), close),
    nameForm(player),
    carriage(player.game),
    becomeForm(player),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function nameForm(player) {
  const field = nameField(player.game);
  const says = el('p', { role: 'status' });
  const submit = (event) => {
    event.preventDefault();
    if (!player.rename(field, says)) return;
    field.value = player.game.player.name;
    says.textContent = t('player.saved');
  };
  const forgotten = player.game.remembered ? null : el('p', { class: 'warning' }, t('player.forgotten'));
  return el(
    'form',
    { onsubmit: submit },
    el('label', {}, t('playing.as'), field),
    el('p', { class: 'hint' }, t('name.shown')),
    el('button', {}, t('player.save')),
    says,
    forgotten,
  );
}

function carriage(game) {
  const place = el('div', { class: 'code' });
  const show = () => {
    const code = el('input', { readonly: true, value: game.exportPlayer(), 'aria-label': t('player.code') });
    const copy = el('button', { type: 'button', onclick: () => copied(code, copy) }, t('player.copy'));
    place.replaceChildren(code, copy);
    code.select();
  };
  place.append(el('button', { type: 'button', class: 'quiet', onclick: show }, t('player.show')));
  return el('section', {}, el('h3', {}, t('player.carry')), el('p', { class: 'hint' }, t('player.carry.more')), place);
}

async function copied(code, button) {
  code.select();
  await navigator.clipboard.writeText(code.value).catch(() => document.execCommand('copy'));
  button.textContent = t('player.copied');
}

function becomeForm(player) {
  const field = el('input', { required: true, autocomplete: 'off', spellcheck: 'false' });
  const says = el('p', { role: 'status' });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await player.game.importPlayer(field.value.trim());
    } catch {
      says.textContent = t('player.bad');
      return;
    }
    player.changed();
    field.value = '';
    says.textContent = t('player.became', { name: player.game.player.name });
  };
  const paste = el('label', {}, t('player.paste'), field);
  return el('form', { onsubmit: submit }, paste, el('button', { class: 'quiet' }, t('player.become')), says);
}
