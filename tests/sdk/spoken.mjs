// Prints what the module sends when each of the names given submits.
import { World } from "./world.js";

const spoken = [];
for (const [place, name] of JSON.parse(process.argv[2]).entries()) {
  const world = new World();
  const game = await world.connect({ name });
  const play = await world.until(game.start());
  await world.pass(10_000);
  await world.until(play.submit(place));
  const { path, headers } = world.asked("scores")[0];
  spoken.push({ user: path.split("/").at(-1), ...headers });
}
console.log(JSON.stringify(spoken));
