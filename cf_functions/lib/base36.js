const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

// Number.prototype.toString is not among the methods the runtime documents.
export function base36(integer) {
  let digits = '';
  for (let rest = integer; rest > 0; rest = Math.floor(rest / 36)) {
    digits = DIGITS.charAt(rest % 36) + digits;
  }
  return digits;
}
