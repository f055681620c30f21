// The account of a player: identities, points, export and deletion; or the ways to sign in.

import { el } from '../ui/dom.js';
import { clock, learn, number, t } from '../ui/i18n.js';
import { forgetKey, ownKeys } from '../ui/telling.js';
import { enter, leaveForPrivy, leaveForX, offered, players } from './offer.js';

const NAMES = { key: 'account.key', x: 'X', privy: 'Privy', guest: 'account.guest' };

export async function openDialog(refused, provider) {
  await learn('account');
  const offer = await offered();
  const body = el('div', { class: 'body' });
  const close = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, t('account.close'));
  const dialog = el(
    'dialog',
    { class: 'account', 'aria-labelledby': 'account-title', onclose: () => dialog.remove() },
    el('div', { class: 'head' }, el('h2', { id: 'account-title' }, t('account')), close),
    body,
  );
  document.body.append(dialog);
  dialog.showModal();
  new Account(body, offer, refused, provider).draw();
}

class Account {
  constructor(body, offer, refused, provider) {
    this.body = body;
    this.offer = offer;
    this.refused = refused;
    this.provider = provider;
  }

  async draw() {
    dispatchEvent(new Event('account'));
    if (!players.userId) return this.#show(...this.#ways('signIn'));
    this.#show(el('p', { role: 'status' }, t('account.loading')));
    try {
      this.#show(...this.#account(await players.me()));
    } catch (error) {
      if (!players.userId) this.draw();
      else this.#show(said(error), button('account.again', () => this.draw()));
    }
    return undefined;
  }

  #show(...content) {
    const problem = this.refused && el('p', { class: 'warning', role: 'alert' }, reason(this.refused));
    this.body.replaceChildren(...[problem, ...content].filter(Boolean));
  }

  /** Those that the account does not have yet. Without one that lasts, a hint says why it helps. */
  #ways(then, identities = []) {
    const { providers, privy } = this.offer;
    const linking = then === 'link';
    const has = new Set(identities.map(({ provider }) => provider));
    const hint = has.has('x') || has.has('privy') ? null : t(linking ? 'account.link.more' : 'account.lede');
    return [
      hint && el('p', { class: 'hint' }, hint),
      providers.includes('x') && !has.has('x') ? button(linking ? 'account.link.x' : 'account.x', () => leaveForX(this.offer, then), 'go') : null,
      privy?.page && !has.has('privy') ? button(linking ? 'account.link.privy' : 'account.privy', () => leaveForPrivy(this.offer, then)) : null,
      linking ? null : button('account.anonymous', () => this.#do(() => enter({ proof: { provider: 'key' }, then }))),
    ].filter(Boolean);
  }

  #account(me) {
    const linked = me.identities.map((identity) => this.#identity(identity, me.identities.length));
    return [
      this.#name(me),
      el(
        'dl',
        { class: 'facts' },
        ...fact('account.points', number(me.stats.totalPoints)),
        ...fact('account.level', number(me.stats.intimacyLevel)),
        me.walletAddress ? el('dt', {}, t('account.wallet')) : null,
        me.walletAddress ? el('dd', { class: 'long' }, me.walletAddress) : null,
      ),
      el('h3', {}, t('account.identities')),
      el('ul', { class: 'identities' }, ...linked),
      ...this.#ways('link', me.identities),
      this.refused === 'identity_taken' ? this.#merge() : null,
      this.#exits(),
    ].filter(Boolean);
  }

  #name(me) {
    const field = el('input', { value: me.displayName ?? '', maxlength: 48, autocomplete: 'nickname' });
    const says = el('p', { role: 'status' });
    const submit = async (event) => {
      event.preventDefault();
      try {
        field.value = (await players.rename(field.value.trim() || null)).displayName ?? '';
        says.textContent = t('account.saved');
      } catch (error) {
        says.textContent = reason(error.code);
      }
    };
    return el('form', { onsubmit: submit }, el('label', {}, t('account.name'), field), el('button', {}, t('account.save')), says);
  }

  #identity({ provider, subject }, count) {
    const name = NAMES[provider]?.includes('.') ? t(NAMES[provider]) : (NAMES[provider] ?? provider);
    const remove = () => this.#do(async () => (await players.unlink(provider), null));
    const unlink = el('button', { type: 'button', class: 'quiet', onclick: remove, 'aria-label': `${t('account.unlink')}: ${name}` }, t('account.unlink'));
    return el('li', {}, el('b', {}, name), el('code', {}, subject.slice(0, 12)), count > 1 ? unlink : null);
  }

  #merge() {
    const leave = this.provider === 'privy' ? leaveForPrivy : leaveForX;
    return el(
      'section',
      { class: 'merge' },
      el('p', {}, t('account.merge.more')),
      el('button', { type: 'button', onclick: () => leave(this.offer, 'merge') }, t('account.merge', { provider: NAMES[this.provider] ?? NAMES.x })),
    );
  }

  #exits() {
    const says = el('p', { role: 'status' });
    const sure = el('div', { class: 'sure', hidden: true });
    const remove = async () => {
      says.textContent = t('account.removing');
      try {
        const playerKeys = await ownKeys();
        dispatchEvent(new Event('forgetting'));
        const { removed, status } = await players.remove({ playerKeys });
        forgetKey();
        const count = Object.values(removed).reduce((sum, each) => sum + each, 0);
        dispatchEvent(new Event('account'));
        this.body.replaceChildren(el('p', { role: 'status' }, t(`account.removed.${status}`, { n: number(count) })));
      } catch (error) {
        says.textContent = reason(error.code);
      }
    };
    sure.append(el('p', {}, t('account.sure')), button('account.remove.sure', remove, 'danger'));
    const ask = () => {
      sure.hidden = false;
      sure.scrollIntoView({ block: 'nearest' });
    };
    const save = async () => {
      says.textContent = t('account.exporting');
      says.scrollIntoView({ block: 'nearest' });
      try {
        await download(players.export({ playerKeys: await ownKeys() }));
        says.textContent = '';
      } catch (error) {
        says.textContent = reason(error.code);
        says.scrollIntoView({ block: 'nearest' });
      }
    };
    return el(
      'section',
      { class: 'exits' },
      button('account.export', save, 'quiet'),
      button('account.out', () => this.#do(async () => (await players.signOut(), null)), 'quiet'),
      button('account.out.everywhere', () => this.#do(async () => (await players.signOut({ everywhere: true }), null)), 'quiet'),
      button('account.remove', ask, 'quiet danger'),
      says,
      sure,
    );
  }

  async #do(task) {
    try {
      this.refused = await task();
    } catch (error) {
      this.refused = error.code;
    }
    await this.draw();
  }
}

async function download(items) {
  const lines = [];
  for await (const item of items) lines.push(JSON.stringify(item));
  const url = URL.createObjectURL(new Blob([lines.join('\n')], { type: 'application/x-ndjson' }));
  const link = el('a', { href: url, download: `htmlgame-${clock(Date.now()).replace(/\W/g, '')}.jsonl` });
  link.click();
  URL.revokeObjectURL(url);
}

function button(label, onclick, kind = '') {
  return el('button', { type: 'button', class: kind, onclick }, t(label));
}

function fact(label, value) {
  return [el('dt', {}, t(label)), el('dd', {}, value)];
}

function said(error) {
  return el('p', { class: 'warning', role: 'alert' }, reason(error.code));
}

const KNOWN = new Set(['offline', 'identity_taken', 'last_identity', 'proof_refused', 'provider_unavailable', 'banned', 'too_many_identities', 'malformed', 'token_revoked', 'unknown_account']);

export function reason(code) {
  return KNOWN.has(code) ? t(`account.error.${code}`) : t('account.error.else', { code });
}
