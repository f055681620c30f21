// Runs the documentation's page, given as its script, and sends messages from its form.
const [script, answers] = process.argv.slice(2);
const waiting = JSON.parse(answers);
const asked = [];

class Storage {
  #kept = new Map();
  getItem(name) {
    return this.#kept.get(name) ?? null;
  }
  setItem(name, value) {
    this.#kept.set(name, value);
  }
  removeItem(name) {
    this.#kept.delete(name);
  }
}

globalThis.localStorage = new Storage();
globalThis.fetch = async (url) => {
  const name = url.split("/").at(-1);
  asked.push(name);
  const expiresAt = Math.floor(Date.now() / 1000) + 900;
  const signedIn = { userId: "u", token: "t", expiresAt, player: { id: "p", key: "hgp_p" } };
  const known = { "sign-in": signedIn, session: { sessionId: "s" } };
  const { status, body } = known[name] ? { status: 200, body: known[name] } : waiting.shift();
  return new Response(JSON.stringify(body), { status });
};

const elements = {};
for (const id of ["me", "talk", "text", "send", "reply"]) {
  elements[id] = { value: "hello", textContent: id === "me" ? "Not signed in" : "", addEventListener: (_, run) => (elements[id].run = run) };
}
globalThis.document = { getElementById: (id) => elements[id] };

await import(script);
const shown = [];
while (waiting.length) {
  asked.length = 0;
  await elements.talk.run({ preventDefault() {} });
  shown.push({ me: elements.me.textContent, reply: elements.reply.textContent, asked: asked.join(" ") });
}
console.log(JSON.stringify(shown));
