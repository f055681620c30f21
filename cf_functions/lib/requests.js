import { refusal, refuse } from './answers.js';

export function requireMethod(request, method) {
  if (request.method !== method) {
    const refused = refusal(405, 'method_not_allowed', 'method: ' + method + ' only');
    refused.headers.allow = { value: method };
    throw refused;
  }
}

export function malformed(name, problem) {
  refuse(400, 'malformed', name + ': ' + (problem || 'not well formed'));
}

// '' if it was not sent.
// Two values of one name are refused, because the origin might read another than the one checked.
export function optional(fields, name, shape, wanted) {
  const field = fields[name];
  if (!field) {
    return '';
  }
  if (field.multiValue) {
    malformed(name, 'sent more than once');
  }
  if (field.value && shape && !shape.test(field.value)) {
    malformed(name, wanted);
  }
  return field.value;
}

// All values of a cookie: a page of a sibling domain can add a second one of any name.
export function cookieValues(cookies, name) {
  const cookie = cookies[name];
  if (!cookie) {
    return [];
  }
  return (cookie.multiValue || [cookie]).map(each => each.value);
}

export function required(fields, name, shape) {
  return optional(fields, name, shape) || malformed(name, 'missing');
}
