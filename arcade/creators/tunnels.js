// Tunnels: agents and gateways on the creator's own machines, and the tunnels to them.
//
// It asks for everything every few seconds, so that a new host is seen to come online.

import { el } from '../ui/dom.js';
import { language, learn, number, t } from '../ui/i18n.js';
import { failure, field, form, note, reason } from './parts.js';

const LOOK_MS = 3000;
const KINDS = { agent: 'agents', gateway: 'gateways' };

const moment = (time) => new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

export class Tunnels {
  #timer = null;
  #closed = false;
  #shown = '';
  #editing = false;

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
    this.noAgent = el('div');
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
    if (shown === this.#shown || this.#editing) return;
    this.#shown = shown;
    const hosts = Object.entries(KINDS).flatMap(([kind, all]) => overview[all].map((host) => this.#host(kind, host)));
    this.hosts.replaceChildren(hosts.length ? el('ul', { class: 'keys hosts' }, ...hosts) : note('tunnels.hosts.none'));
    const wanted = overview.gateways.map((gateway) => gateway.publicIp).filter(Boolean);
    const tunnels = overview.tunnels.map((tunnel) => this.#tunnel(tunnel, wanted));
    this.list.replaceChildren(tunnels.length ? el('ul', { class: 'keys hosts' }, ...tunnels) : note('tunnels.none'));
    const chosen = this.agent.value;
    this.noAgent.replaceChildren(...(overview.agents.length ? [] : [note('tunnels.agents.none')]));
    this.agent.replaceChildren(...overview.agents.map((agent) => el('option', { value: agent.id }, agent.name)));
    if (chosen) this.agent.value = chosen;
  }

  #host(kind, host) {
    const path = `/tunnels/${KINDS[kind]}/${host.id}`;
    const says = this.#says(host.error);
    const traffic = host.traffic.received + host.traffic.sent;
    const buttons = [
      this.#act(says, 'tunnels.rotate', async () => {
        const { apiKey } = await this.session.ask('POST', `${path}/rotate-key`);
        this.#reveal(kind, apiKey);
      }),
      this.#button(says, 'tunnels.rename', () => this.#rename(row, path, host.name)),
      this.#toggle(says, path, host.enabled),
      this.#act(says, 'delete', () => this.session.ask('DELETE', path)),
    ];
    const row = this.#row(says, buttons, [
      el('code', {}, host.name),
      el('span', {}, t(`tunnels.${kind}`)),
      el('span', {}, host.virtualIp ?? host.publicIp),
      el('strong', {}, this.#state(host)),
      traffic ? el('span', {}, t('tunnels.traffic', { n: number(Math.round(traffic / 1e6)) })) : null,
    ]);
    return row;
  }

  #state(host) {
    if (!host.enabled) return t('tunnels.disabled');
    if (host.status !== 'offline') return t(`tunnels.${host.status}`);
    return host.lastSeenAt ? t('tunnels.offline', { time: moment(host.lastSeenAt) }) : t('tunnels.waiting');
  }

  #tunnel(tunnel, wanted) {
    const path = `/tunnels/tunnels/${tunnel.id}`;
    const certificate = tunnel.certificate;
    const says = this.#says(certificate?.problem);
    const address = tunnel.domain ?? `${tunnel.protocol.toUpperCase()} ${tunnel.publicPort}`;
    const buttons = [
      tunnel.domain && this.#button(says, 'tunnels.dns.look', () => this.#compare(says, path)),
      certificate?.retryAt && this.#button(says, 'tunnels.order', () => this.session.ask('POST', `${path}/certificate`)),
      this.#toggle(says, path, tunnel.enabled),
      this.#act(says, 'delete', () => this.session.ask('DELETE', path)),
    ];
    return this.#row(says, buttons, [
      el('code', {}, address),
      el('span', {}, `→ ${tunnel.target}`),
      tunnel.enabled ? null : el('strong', {}, t('tunnels.disabled')),
      tunnel.domain && el('span', {}, this.#certificate(certificate)),
      certificate?.retryAt && el('span', {}, t('tunnels.retry', { time: moment(certificate.retryAt) })),
      tunnel.domain && wanted.length && certificate?.state !== 'issued' ? el('span', {}, t('tunnels.dns', { addresses: wanted.join(', ') })) : null,
    ]);
  }

  #certificate(certificate) {
    const state = t(`tunnels.certificate.${certificate?.state ?? 'waiting'}`);
    return certificate?.expiresAt ? `${state} · ${t('tunnels.until', { time: moment(certificate.expiresAt) })}` : state;
  }

  #says(problem) {
    return el('p', { class: problem ? 'says bad' : 'says', role: 'status' }, problem);
  }

  #row(says, buttons, shown) {
    return el('li', {}, el('div', { class: 'what' }, ...shown), says, el('div', { class: 'row' }, ...buttons));
  }

  /** Puts a field in place of the row. Nothing is drawn meanwhile, so that the text stays. */
  #rename(row, path, before) {
    this.#editing = true;
    const name = el('input', { autocomplete: 'off', required: true, maxlength: 64, pattern: '[A-Za-z0-9_\\-]+', value: before });
    const end = () => {
      this.#editing = false;
      this.#shown = '';
      this.look();
    };
    const send = async () => {
      await this.session.ask('PATCH', path, { name: name.value });
      end();
    };
    const cancel = el('button', { type: 'button', class: 'quiet', onclick: end }, t('cancel'));
    row.replaceChildren(form({ button: 'tunnels.save', send }, field(t('tunnels.name'), name)), cancel);
    name.focus?.();
    return false;
  }

  /** Says which addresses the name has now, beside those that it needs. */
  async #compare(says, path) {
    const { wanted, seen, fits } = await this.session.ask('GET', `${path}/dns`);
    const shown = { wanted: wanted.join(', ') || '–', seen: seen?.join(', ') };
    const key = fits ? 'tunnels.dns.fits' : seen?.length ? 'tunnels.dns.differs' : seen ? 'tunnels.dns.none' : 'tunnels.dns.unknown';
    says.textContent = t(key, shown);
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
        says.classList.add('bad');
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
        this.noAgent,
        field(t('tunnels.protocol'), protocol),
        field(t('tunnels.domain'), domain, t('tunnels.domain.hint')),
        field(t('tunnels.target'), target, t('tunnels.target.hint')),
      ),
    );
  }
}
