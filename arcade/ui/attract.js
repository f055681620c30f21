// A game that plays itself on a small canvas while it is visible, unless the viewer prefers reduced
// motion. `advance` returns whether there is something new to draw.

import { stillness } from './dom.js';
import { stage } from './stage.js';

export function attract(place, { size, colours, advance, paint }) {
  const scene = stage(place, { ...size, colours });
  let visible = false;
  let before = 0;
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
  }).observe(scene.canvas);
  function frame(now) {
    if (visible) {
      const moving = !stillness.matches && advance(Math.min(now - before, 100));
      scene.draw(paint, { moving });
    }
    before = now;
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);
}
