// Tunnels: agents and gateways on the creator's own machines, and the tunnels to them.
//
// It asks for everything every few seconds, so that a new host is seen to come online.

import { el } from '../ui/dom.js';
import { learn, number, t } from '../ui/i18n.js';
import { failure, field, form, note, reason } from './parts.js';

const LOOK_MS = 3000;
const KINDS = { agent: 'agents', gateway: 'gateways' };

export class Tunnels {
  #timer = null;
  #closed = false;
  #shown = '';

  constructor(root, { session }) {
    this.session = session;
    this.root = root;
    root.append(note('loading'));
    this.#open();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #open() {
    await learn('tunnels');
    if (this.#closed) return;
    this.key = el('div', { class: 'list' });
    this.hosts = el('div', { class: 'list' });
    this.list = el('div', { class: 'list' });
    this.agent = el('select', { required: true });
    this.root.replaceChildren(
      el('p', { class: 'lede' }, t('tunnels.lede')),
      this.hosts,
      this.#hostForm(),
      this.key,
      this.list,
      this.#tunnelForm(),
    );
    this.look();
  }

  async look() {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    try {
      this.#draw(await this.session.ask('GET', '/tunnels/overview'));
    } catch (error) {
      this.#shown = '';
      this.hosts.replaceChildren(failure(error, () => this.look()));
    }
    if (!this.#closed) this.#timer = setTimeout(() => this.look(), LOOK_MS);
  }

  /** Draws only what has changed, so that nobody loses the button under the pointer. */
  #draw(overview) {
    const shown = JSON.stringify(overview);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const hosts = Object.entries(KINDS).flatMap(([kind, all]) => overview[all].map((host) => this.#host(kind, host)));
    this.hosts.replaceChildren(hosts.length ? el('ul', { class: 'keys' }, ...hosts) : note('tunnels.hosts.none'));
    const wanted = overview.gateways.map((gateway) => gateway.publicIp).filter(Boolean);
    const tunnels = overview.tunnels.map((tunnel) => this.#tunnel(tunnel, wanted));
    this.list.replaceChildren(tunnels.length ? el('ul', { class: 'keys' }, ...tunnels) : note('tunnels.none'));
    const chosen = this.agent.value;
    this.agent.replaceChildren(...overview.agents.map((agent) => el('option', { value: agent.id }, agent.name)));
    if (chosen) this.agent.value = chosen;
  }

  #host(kind, host) {
    const path = `/tunnels/${KINDS[kind]}/${host.id}`;
    const says = el('span', { class: 'says', role: 'status' }, host.error);
    const traffic = host.traffic.received + host.traffic.sent;
    return el(
      'li',
      {},
      el('code', {}, host.name),
      el('span', {}, t(`tunnels.${kind}`)),
      el('span', {}, host.virtualIp ?? host.publicIp),
      el('strong', {}, t(`tunnels.${host.enabled ? host.status : 'disabled'}`)),
      traffic ? el('span', {}, t('tunnels.traffic', { n: number(Math.round(traffic / 1e6)) })) : null,
      says,
      this.#act(says, 'tunnels.rotate', async () => {
        const { apiKey } = await this.session.ask('POST', `${path}/rotate-key`);
        this.#reveal(kind, apiKey);
      }),
      this.#toggle(says, path, host.enabled),
      this.#act(says, 'delete', () => this.session.ask('DELETE', path)),
    );
  }

  #tunnel(tunnel, wanted) {
    const path = `/tunnels/tunnels/${tunnel.id}`;
    const certificate = tunnel.certificate;
    const says = el('span', { class: 'says', role: 'status' }, certificate?.problem);
    const address = tunnel.domain ?? `${tunnel.protocol.toUpperCase()} ${tunnel.publicPort}`;
    const state = tunnel.domain && t(`tunnels.certificate.${certificate?.state ?? 'waiting'}`);
    return el(
      'li',
      {},
      el('code', {}, address),
      el('span', {}, `→ ${tunnel.target}`),
      state && el('span', {}, state),
      tunnel.domain && wanted.length && certificate?.state !== 'issued' ? el('span', {}, t('tunnels.dns', { addresses: wanted.join(', ') })) : null,
      says,
      tunnel.domain && this.#button(says, 'tunnels.dns.look', () => this.#compare(says, path)),
      certificate?.retryAt && this.#button(says, 'tunnels.order', () => this.session.ask('POST', `${path}/certificate`)),
      this.#toggle(says, path, tunnel.enabled),
      this.#act(says, 'delete', () => this.session.ask('DELETE', path)),
    );
  }

  /** Says which addresses the name has now, beside those that it needs. */
  async #compare(says, path) {
    const { wanted, seen, fits } = await this.session.ask('GET', `${path}/dns`);
    const shown = { wanted: wanted.join(', ') || '–', seen: seen?.join(', ') || '–' };
    says.textContent = t(fits ? 'tunnels.dns.fits' : 'tunnels.dns.differs', shown);
    return false;
  }

  #toggle(says, path, enabled) {
    return this.#button(says, enabled ? 'tunnels.disable' : 'tunnels.enable', () =>
      this.session.ask('PATCH', path, { enabled: !enabled }),
    );
  }

  /** A button that asks once more before it acts. */
  #act(says, label, act) {
    const button = this.#button(says, label, async () => {
      if (!button.classList.contains('danger')) {
        button.classList.add('danger');
        button.textContent = t(label === 'delete' ? 'sure' : 'tunnels.rotate.sure');
        return false;
      }
      return act();
    });
    return button;
  }

  #button(says, label, act) {
    const run = async () => {
      button.disabled = true;
      try {
        if ((await act()) !== false) this.look();
      } catch (error) {
        says.textContent = reason(error);
      }
      button.disabled = false;
    };
    const button = el('button', { type: 'button', class: 'quiet', onclick: run }, t(label));
    return button;
  }

  /** The key is shown this once, as part of the command that installs the host. */
  #reveal(kind, apiKey) {
    const site = location.origin;
    const command = `curl -sSL ${site}/install/${kind}.sh | sudo sh -s -- --api-key=${apiKey} --control-url=${site}`;
    const copy = el('button', { type: 'button', class: 'quiet', onclick: run }, t('copy'));
    function run() {
      navigator.clipboard?.writeText(command).then(() => (copy.textContent = t('copied')), () => {});
    }
    this.key.replaceChildren(
      el('div', { class: 'card' }, el('p', {}, t('tunnels.install')), el('pre', {}, el('code', {}, command)), copy),
    );
  }

  #hostForm() {
    const name = el('input', { autocomplete: 'off', required: true, maxlength: 64, pattern: '[A-Za-z0-9_\\-]+' });
    const kind = el('select', {}, ...Object.keys(KINDS).map((each) => el('option', { value: each }, t(`tunnels.${each}`))));
    const send = async () => {
      const { apiKey } = await this.session.ask('POST', `/tunnels/${KINDS[kind.value]}`, { name: name.value });
      this.#reveal(kind.value, apiKey);
      name.value = '';
      this.look();
    };
    return el(
      'div',
      { class: 'card' },
      el('h2', {}, t('tunnels.add.host')),
      form({ button: 'tunnels.add', send, done: 'tunnels.added' }, field(t('tunnels.kind'), kind), field(t('tunnels.name'), name)),
    );
  }

  #tunnelForm() {
    const protocol = el('select', {}, ...['http', 'tcp', 'udp'].map((each) => el('option', { value: each }, each.toUpperCase())));
    const domain = el('input', { autocomplete: 'off', spellcheck: 'false', placeholder: 'app.example.com' });
    const target = el('input', { autocomplete: 'off', spellcheck: 'false', required: true, placeholder: 'localhost:8080' });
    const send = async () => {
      const chosen = { agentId: this.agent.value, protocol: protocol.value, target: target.value };
      if (protocol.value === 'http') chosen.domain = domain.value;
      await this.session.ask('POST', '/tunnels/tunnels', chosen);
      domain.value = target.value = '';
      this.look();
    };
    return el(
      'div',
      { class: 'card' },
      el('h2', {}, t('tunnels.add.tunnel')),
      form(
        { button: 'tunnels.add', send, done: 'tunnels.added' },
        field(t('tunnels.agent'), this.agent),
        field(t('tunnels.protocol'), protocol),
        field(t('tunnels.domain'), domain, t('tunnels.domain.hint')),
        field(t('tunnels.target'), target, t('tunnels.target.hint')),
      ),
    );
  }
}
