// Coins for a player's login: more on each day in a row, and a gift every seventh day.
//
// The server keeps the streak. It sends what it knows, and stores what the answer says.

const LADDER = [10, 15, 20, 30, 40, 60, 100];
const DAY_MS = 24 * 60 * 60 * 1000;

function dayNumber(day) {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time)) throw new RangeError(`${day} is not a day such as 2026-11-21`);
  return Math.floor(time / DAY_MS);
}

function handler({ today, lastDay = null, streak = 0 }) {
  const passed = lastDay === null ? Infinity : dayNumber(today) - dayNumber(lastDay);
  if (passed < 0) throw new RangeError('today is before the last login');
  if (passed === 0) return { coins: 0, streak, gift: false, lastDay };
  const next = passed === 1 ? streak + 1 : 1;
  const step = (next - 1) % LADDER.length;
  return { coins: LADDER[step], streak: next, gift: step === LADDER.length - 1, lastDay: today };
}
