// Digits in the lettering of the titles: 5 by 7 pixels, each row of five as one base-32 character,
// each pixel two wide.

import { svg } from './dom.js';

const ROWS = {
  0: 'ehhhhhe',
  1: '4c4444e',
  2: 'eh1248v',
  3: 'eh161he',
  4: '26aiv22',
  5: 'vgu11he',
  6: '68guhhe',
  7: 'v112444',
  8: 'ehhehhe',
  9: 'ehhf12c',
  '.': '00000gg',
};

export function digits(text) {
  let path = '';
  let left = 0;
  for (const character of text) {
    path += glyph(ROWS[character], left);
    left += character === '.' ? 4 : 7;
  }
  return svg(`0 0 ${left - 1} 7`, path, 'digits');
}

function glyph(rows, left) {
  let path = '';
  [...rows].forEach((row, y) => {
    for (let x = 0; x < 5; x += 1) {
      if ((parseInt(row, 32) >> (4 - x)) & 1) path += `M${left + x} ${y}h2v1h-2z`;
    }
  });
  return path;
}
