import { ahead, distance } from './rules.js';

const HEADINGS = ['up', 'right', 'down', 'left'];

/** Moves towards the fruit, where there is the most room. It loses eventually. */
export function heading(game) {
  const [head] = game.body;
  const ways = HEADINGS.map((name) => ({ name, at: ahead(head, name) }))
    .filter(({ at }) => at !== null && !game.body.slice(0, -1).includes(at))
    .map((way) => ({ ...way, room: roomAt(way.at, game.body), far: distance(way.at, game.fruit) }));
  const enough = ways.filter(({ room }) => room >= game.body.length);
  const among = enough.length ? enough : ways.sort((a, b) => b.room - a.room).slice(0, 1);
  return among.sort((a, b) => a.far - b.far)[0]?.name ?? game.heading;
}

function roomAt(from, body) {
  const seen = new Set(body).add(from);
  const waiting = [from];
  while (waiting.length && seen.size < body.length * 2 + 20) {
    for (const name of HEADINGS) {
      const next = ahead(waiting[0], name);
      if (next !== null && !seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
    waiting.shift();
  }
  return seen.size - body.length;
}
