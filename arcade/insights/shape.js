// What the views show of the API's answers; pure, so that it can be tried without a page.

const DAY_MS = 86_400_000;

export const day = (ms) => new Date(ms).toISOString().slice(0, 10);

/** The days of a range that ends now, and of the one before it. */
export function ranges(days, now) {
  const from = now - (days - 1) * DAY_MS;
  return {
    now: { from: day(from), to: day(now) },
    before: { from: day(from - days * DAY_MS), to: day(from - DAY_MS) },
  };
}

/** By how much a number changed, in per cent; null where there was nothing before. */
export function change(now, before) {
  if (!before || now == null) return null;
  return Math.round((100 * (now - before)) / before);
}

export const share = (part, whole) => (whole ? Math.round((1000 * part) / whole) / 10 : 0);

/** Every hour or day between two moments as the API writes them, also those without a request. */
export function filled(series, { from, to }, now) {
  const known = new Map(series.map((each) => [each.at, each]));
  const hourly = series.some(({ at }) => at.length > 10) || (!series.length && from === to);
  const step = hourly ? DAY_MS / 24 : DAY_MS;
  const end = Math.min(Date.parse(to) + DAY_MS - 1, now);
  const rows = [];
  for (let ms = Date.parse(from); ms <= end; ms += step) {
    const at = new Date(ms).toISOString().slice(0, hourly ? 13 : 10);
    rows.push(known.get(at) ?? { at, times: 0, failed: 0, hits: 0, p50Ms: null, p95Ms: null });
  }
  return rows;
}

/** Comma-separated values by RFC 4180. A spreadsheet takes no cell for a formula. */
export function csv(columns, rows) {
  const lines = [columns, ...rows].map((row) => row.map(cell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value) {
  let text = value == null ? '' : String(value);
  if (/^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The query of a request for rows; empty filters are left out. */
export function query(filters) {
  const given = Object.entries(filters).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

/** A function's settings as function.json has them, and what they mean for the API. */
export function pushed(source, settings) {
  const said = JSON.parse(settings || '{}');
  if (said === null || typeof said !== 'object' || Array.isArray(said)) throw new SyntaxError('not an object');
  return { ...said, source };
}
