// What the views show of the API's answers; pure, so that it can be tried without a page.

const DAY_MS = 86_400_000;

export const day = (ms) => new Date(ms).toISOString().slice(0, 10);

/** The days of a range that ends today. */
export function range(days, now) {
  return { from: day(now - (days - 1) * DAY_MS), to: day(now) };
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

/** By how much each number changed against the same part of the days before. */
export function changes(comparison) {
  if (!comparison) return {};
  const { now, before } = comparison;
  const of = (read) => change(read(now), read(before));
  return {
    requests: of(({ times }) => times),
    failed: of(({ failed, times }) => share(failed, times)),
    'from.cache': of(({ cache, times }) => share(cache.hits, times)),
    p50: of(({ duration }) => duration.p50Ms),
    p95: of(({ duration }) => duration.p95Ms),
  };
}

/** What a comparison is with, such as "2026-11-20, until 09:00 UTC". */
export function compared({ from, to, hours }) {
  const days = from === to ? from : `${from} – ${to}`;
  return hours === 24 ? days : `${days}, – ${String(hours).padStart(2, '0')}:00 UTC`;
}

const LAST = 'last';

/** What the list's choice of a time means for the API: the last hour, an hour of the day, or all of it. */
export function asked({ when = '', day: of, ...others }, now) {
  if (when === LAST || (!when && !of)) return { ...others, minutes: '60' };
  const hour = /^\d{1,2}$/.test(when) ? when : '';
  return { ...others, day: of || day(now), hour };
}

export const hours = Array.from({ length: 24 }, (_, hour) => [String(hour), `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00 UTC`]);

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
