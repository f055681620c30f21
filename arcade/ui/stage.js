// A canvas that fills its field at the device's resolution and is drawn in the game's units.

import { colour, el } from './dom.js';
import { coloured } from './theme.js';

export function stage(field, { width, height, colours: names }) {
  const canvas = field.appendChild(el('canvas', { 'aria-hidden': 'true' }));
  const context = canvas.getContext('2d');
  const colours = {};
  let stale = true;
  new ResizeObserver(() => {
    const scale = Math.min(devicePixelRatio, 3);
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round((canvas.width * height) / width);
    stale = true;
  }).observe(canvas);
  coloured(() => {
    for (const name of names) colours[name] = colour(name);
    stale = true;
  });
  return {
    canvas,
    /** Redraws after a change outside the animation. */
    touch() {
      stale = true;
    },
    /** Draws only while something moves, so a paused game uses no battery. */
    draw(paint, { moving = true } = {}) {
      if (!moving && !stale) return;
      stale = false;
      const scale = canvas.width / width;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      paint(context, colours);
    },
    /** A pointer's position in the game's units. */
    at(event) {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height];
    },
  };
}

export function disc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
}
