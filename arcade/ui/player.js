// The player's name in the bar, which opens the player dialog.

import { el } from './dom.js';
import { spoken, t } from './i18n.js';
import { toolbox } from './layout.js';

export class Player {
  constructor(game, { onopen, onchange }) {
    this.game = game;
    this.onopen = onopen;
    this.onchange = onchange;
    this.chip = el('button', { type: 'button', class: 'tool player', onclick: () => this.#open() });
    toolbox().prepend(this.chip);
    spoken(() => this.draw());
    // Another tab may have changed it.
    addEventListener('focus', () => this.draw());
  }

  draw() {
    const { name } = this.game.player;
    this.chip.replaceChildren(el('bdi', {}, name));
    this.chip.setAttribute('aria-label', `${t('player')}: ${name}`);
  }

  /** Whether the name was accepted; if not, shows the reason beside the field. */
  rename(field, says) {
    try {
      this.game.rename(field.value);
    } catch {
      says.textContent = t('name.bad');
      field.setAttribute('aria-invalid', 'true');
      return false;
    }
    field.removeAttribute('aria-invalid');
    this.changed();
    return true;
  }

  changed() {
    this.draw();
    this.onchange();
  }

  /** Loaded when it is first opened, because most visits never open it. */
  async #open() {
    this.onopen();
    const { openDialog } = await import('./player-dialog.js');
    openDialog(this);
  }
}

export function nameField(game) {
  return el('input', { value: game.player.name, maxlength: 48, autocomplete: 'nickname', spellcheck: 'false', required: true });
}
