// The page of the characters: a conversation, and what a sign-in elsewhere came back with.

import { openAccount } from './players/button.js';
import { Chat } from './players/chat.js';
import { broughtBack, enter, offered } from './players/offer.js';
import { el, kept } from './ui/dom.js';
import { language, spoken, t } from './ui/i18n.js';
import { layOut } from './ui/layout.js';

layOut();

const root = document.querySelector('#characters');
const place = el('div', { class: 'stage' });
const offer = await offered();
const back = broughtBack();
let chat = null;

if (offer?.characters?.length) {
  root.append(choice(offer.characters), place);
  open(offer.characters.find(({ id }) => id === kept.get('character')) ?? offer.characters[0]);
} else {
  const text = root.appendChild(el('p', { class: 'empty', role: 'status' }));
  spoken(() => {
    text.textContent = t(navigator.onLine ? 'characters.off' : 'chat.offline');
  });
}
if (back) {
  const refused = await enter(back);
  dispatchEvent(new Event('account'));
  openAccount(refused, back.proof.provider);
}

function open(character) {
  chat?.close();
  kept.set('character', character.id);
  chat = new Chat(place, character);
}

function choice(characters) {
  const inputs = characters.map((character) => {
    const input = el('input', { type: 'radio', name: 'character', value: character.id, onchange: () => open(character) });
    input.checked = character.id === (kept.get('character') ?? characters[0].id);
    const label = el('span', {});
    spoken(() => {
      label.textContent = character.name[language()] ?? character.name.en;
    });
    return el('label', {}, input, label);
  });
  const legend = el('legend', { 'data-t': 'characters.choose' }, t('characters.choose'));
  return el('fieldset', { class: 'choice' }, legend, ...inputs);
}
