const WHOLE = new Intl.NumberFormat('en');
const UNITS = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const whole = (number) => WHOLE.format(number);
export const units = (number) => UNITS.format(number);

const two = (number) => String(number).padStart(2, '0');

export function clock(ms) {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function moment(ms) {
  const at = new Date(ms);
  const today = new Date().toDateString() === at.toDateString();
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return today ? clock(ms) : `${day} ${clock(ms)}`;
}

export function minute(ms) {
  const at = new Date(ms);
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function span(seconds) {
  for (const [size, name] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
    if (seconds >= size) {
      return `${units(seconds / size)}\u00a0${name}`;
    }
  }
  return `${units(seconds)}\u00a0s`;
}

export function bytes(count) {
  return count < 1024 ? `${count} B` : `${units(count / 1024)} KB`;
}

export function duration(ms) {
  return ms < 10 ? ms.toFixed(1) : whole(Math.round(ms));
}

export function many(count, one, several = `${one}s`) {
  return `${units(count)} ${count === 1 ? one : several}`;
}
