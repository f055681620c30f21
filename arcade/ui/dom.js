/** An element with its attributes, listeners (`onclick`) and children; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const NAMESPACE = 'http://www.w3.org/2000/svg';

export function svg(viewBox, path, name) {
  const picture = document.createElementNS(NAMESPACE, 'svg');
  picture.setAttribute('viewBox', viewBox);
  picture.setAttribute('class', name);
  picture.setAttribute('aria-hidden', 'true');
  const drawn = document.createElementNS(NAMESPACE, 'path');
  drawn.setAttribute('d', path);
  picture.append(drawn);
  return picture;
}

/** localStorage, if the browser allows it. */
export const kept = {
  get(name) {
    try {
      return localStorage.getItem(`arcade.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`arcade.${name}`, value);
    } catch {
      // Private windows may refuse; the page works without it.
    }
  },
  drop(name) {
    try {
      localStorage.removeItem(`arcade.${name}`);
    } catch {
      // Nothing was kept either.
    }
  },
};

export const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** A colour of the style sheet for a canvas, in the current theme. */
export function colour(name) {
  const probe = document.body.appendChild(el('i', { class: 'probe' }));
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
