// Runs the documentation's page, given as its script and the ids of its elements, and plays it.
import { World } from "./world.js";

const [script, ids] = process.argv.slice(2);
const world = new World();
globalThis.localStorage = world.storage;

function newElement() {
  return {
    disabled: false,
    textContent: "",
    children: [],
    replaceChildren(...children) {
      this.children = children;
    },
  };
}

const elements = Object.fromEntries(JSON.parse(ids).map((id) => [id, newElement()]));
world.document.getElementById = (id) => elements[id];
world.document.createElement = newElement;

async function playWith(clicks) {
  elements.start.onclick();
  await world.pass(1_000);
  for (let click = 0; click < clicks; click += 1) {
    elements.target.onclick();
  }
  await world.pass(6_000);
  return elements.message.textContent;
}

await world.until(import(script));
elements.name.value = "花子";
elements.name.onchange();
const told = [await playWith(20), await playWith(10)];
world.down = true;
told.push(await playWith(30));
await world.pass(4_000);
world.goOnline();
const ranking = elements.ranking.children.map(({ textContent }) => textContent);
console.log(JSON.stringify({ told, ranking, requests: world.requests.length }));
