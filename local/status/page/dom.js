// Requests are a stranger's input, so everything becomes text and never markup.
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function svg(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

export function chip(kind, text) {
  return h('span', { class: `chip ${kind}` }, text);
}

export function mono(text) {
  return h('code', {}, text);
}

/** Replaces the content if it has changed, and keeps open details open. */
export function renew(element, told, make) {
  const said = JSON.stringify(told);
  if (element.said === said) {
    return;
  }
  element.said = said;
  const open = new Set([...element.querySelectorAll('details[open]')].map((each) => each.dataset.key));
  element.replaceChildren(...[make()].flat());
  for (const each of element.querySelectorAll('details')) {
    each.open = open.has(each.dataset.key);
  }
}
