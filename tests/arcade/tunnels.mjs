import assert from "node:assert/strict";
import { test } from "node:test";

/** As much of a page as the view uses. */
class Node {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], listeners: {}, value: "", text: "", isConnected: true });
    const classes = new Set();
    this.classList = { add: (name) => classes.add(name), remove: (name) => classes.delete(name), contains: (name) => classes.has(name) };
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name === "value") this.value = value;
  }
  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  get textContent() {
    return this.text + this.children.map((child) => child.textContent ?? String(child)).join(" ");
  }
  set textContent(text) {
    this.text = text;
    this.children = [];
  }
  all(tag) {
    const below = this.children.filter((child) => child instanceof Node);
    return [...below.filter((child) => child.tag === tag), ...below.flatMap((child) => child.all(tag))];
  }
}

const root = Object.assign(new Node("html"), { lang: "en", dataset: { words: "creator" } });
Object.assign(globalThis, {
  document: { documentElement: root, createElement: (tag) => new Node(tag) },
  matchMedia: () => ({ matches: true }),
  location: { origin: "https://play.example" },
  addEventListener: () => {},
});

const { Tunnels } = await import("../../arcade/creators/tunnels.js");

const HOST = { id: "a1", name: "home", enabled: true, status: "offline", error: null, traffic: { received: 0, sent: 0 } };
const EMPTY = { version: 0, agents: [], gateways: [], tunnels: [] };

function opened(answers) {
  const asked = [];
  const page = new Node("div");
  const session = {
    ask: async (method, path, body) => {
      asked.push([method, path, body]);
      const answer = answers[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer(body) : answer ?? {};
    },
  };
  const view = new Tunnels(page, { session });
  return { view, page, asked };
}

const until = async (held) => {
  for (let tries = 0; !held(); tries += 1) {
    assert.ok(tries < 200, "never");
    await new Promise((done) => setTimeout(done, 5));
  }
};

const overview = (more) => ({ ...EMPTY, ...more });

test("a new host is shown as waiting, then online, with nobody reloading", async () => {
  let status = "offline";
  const { view, page } = opened({ "GET /tunnels/overview": () => overview({ agents: [{ ...HOST, virtualIp: "10.1.0.100", status }] }) });
  await until(() => page.textContent.includes("waiting for it to connect"));
  assert.ok(page.textContent.includes("10.1.0.100"));
  status = "online";
  await view.look();
  assert.ok(page.textContent.includes("online"));
  view.close();
});

test("the command with the key is shown once, after the host is added", async () => {
  const { view, page, asked } = opened({ "GET /tunnels/overview": EMPTY, "POST /tunnels/agents": { id: "a1", apiKey: "agt_x" } });
  await until(() => page.textContent.includes("No agents or gateways yet"));
  const [hostForm] = page.all("form");
  hostForm.all("select")[0].value = "agent";
  hostForm.all("input")[0].value = "home";
  await hostForm.listeners.submit({ preventDefault() {} });
  assert.deepEqual(asked.at(-2), ["POST", "/tunnels/agents", { name: "home" }]);
  const [command] = page.all("pre");
  assert.equal(
    command.textContent,
    "curl -sSL https://play.example/install/agent.sh | sudo sh -s -- --api-key=agt_x --control-url=https://play.example",
  );
  view.close();
});

test("a tunnel shows its target, the records that its name needs, and what is wrong", async () => {
  const tunnel = { id: "t1", domain: "app.example.com", protocol: "http", target: "localhost:8080", enabled: true };
  const certificate = { state: "failed", problem: "http://app.example.com does not answer" };
  const gateways = [{ ...HOST, id: "g1", publicIp: "203.0.113.7", status: "online" }];
  const { view, page } = opened({ "GET /tunnels/overview": overview({ gateways, tunnels: [{ ...tunnel, certificate }] }) });
  await until(() => page.textContent.includes("app.example.com"));
  for (const shown of ["→ localhost:8080", "A records wanted: 203.0.113.7", "does not answer", "no certificate"]) {
    assert.ok(page.textContent.includes(shown), shown);
  }
  view.close();
});

test("the records of a name are compared on request, and a failed order is repeated", async () => {
  const certificate = { state: "failed", problem: "no DNS", retryAt: "2026-11-28T00:00:00Z" };
  const tunnel = { id: "t1", domain: "app.example.com", protocol: "http", target: "localhost:8080", enabled: true, certificate };
  const dns = { domain: "app.example.com", wanted: ["203.0.113.7"], seen: ["192.0.2.1"], fits: false };
  const { view, page, asked } = opened({ "GET /tunnels/overview": overview({ tunnels: [tunnel] }), "GET /tunnels/tunnels/t1/dns": dns });
  await until(() => page.textContent.includes("app.example.com"));
  const press = (label) => page.all("button").find((each) => each.textContent === label).listeners.click();
  await press("Check the records");
  assert.ok(page.textContent.includes("The name leads to 192.0.2.1. It needs A records for 203.0.113.7"));
  await press("Try again now");
  assert.ok(asked.some(([method, path]) => method === "POST" && path === "/tunnels/tunnels/t1/certificate"));
  view.close();
});

test("a deletion asks once more, and a refusal is shown beside it", async () => {
  const refusal = Object.assign(new Error("this agent has tunnels"), { code: "agent_in_use" });
  const { view, page, asked } = opened({ "GET /tunnels/overview": overview({ agents: [HOST] }), "DELETE /tunnels/agents/a1": refusal });
  await until(() => page.textContent.includes("home"));
  const button = page.all("button").find((each) => each.textContent === "Delete");
  const before = asked.length;
  await button.listeners.click();
  assert.equal(asked.length, before);
  await button.listeners.click();
  assert.deepEqual(asked.at(-1), ["DELETE", "/tunnels/agents/a1", undefined]);
  assert.ok(page.textContent.includes("this agent has tunnels"));
  view.close();
});

test("a host is renamed in its row, which waits while somebody types", async () => {
  let version = 1;
  const { view, page, asked } = opened({ "GET /tunnels/overview": () => overview({ version: (version += 1), agents: [HOST] }) });
  await until(() => page.textContent.includes("home"));
  await page.all("button").find((each) => each.textContent === "Rename").listeners.click();
  const [renaming] = page.all("li")[0].all("form");
  const [name] = renaming.all("input");
  assert.equal(name.value, "home");
  name.value = "attic";
  await view.look();
  assert.equal(page.all("li")[0].all("input")[0], name);
  await renaming.listeners.submit({ preventDefault() {} });
  assert.ok(asked.some(([method, path, body]) => method === "PATCH" && path === "/tunnels/agents/a1" && body.name === "attic"));
  await until(() => page.all("li")[0].all("form").length === 0);
  view.close();
});

test("a host that was connected says since when it is not", async () => {
  const seen = { ...HOST, lastSeenAt: "2026-11-27T05:00:00.000Z" };
  const { view, page } = opened({ "GET /tunnels/overview": overview({ agents: [seen] }) });
  await until(() => page.textContent.includes("offline since Nov 27, 2026"));
  assert.ok(!page.textContent.includes("waiting for it to connect"));
  view.close();
});

test("a name without any address says so, and an empty network asks for an agent first", async () => {
  const tunnel = { id: "t1", domain: "app.example.com", protocol: "http", target: "localhost:8080", enabled: true };
  const dns = { wanted: ["203.0.113.7"], seen: [], fits: false };
  const { view, page } = opened({ "GET /tunnels/overview": overview({ tunnels: [tunnel] }), "GET /tunnels/tunnels/t1/dns": dns });
  await until(() => page.textContent.includes("Add an agent first"));
  await page.all("button").find((each) => each.textContent === "Check the records").listeners.click();
  assert.ok(page.textContent.includes("The name has no address yet. It needs A records for 203.0.113.7."));
  view.close();
});

test("a view that is closed asks no more", async () => {
  const { view, page, asked } = opened({ "GET /tunnels/overview": EMPTY });
  await until(() => page.textContent.includes("No tunnels yet"));
  view.close();
  const before = asked.length;
  await view.look();
  assert.equal(asked.length, before);
});
