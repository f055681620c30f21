// Where a chart's axis ends; pure, so that it can be tried without a page.

/** The round number at or above the largest value, and the one half way. */
export function scale(values) {
  const most = Math.max(1, ...values);
  const power = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 4, 5, 10].map((step) => step * power).find((step) => step >= most);
  return { top, half: top > 1 ? top / 2 : null };
}
