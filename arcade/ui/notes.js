// Pitch and length of each note.
const TUNES = {
  turn: [[220, 30]],
  bounce: [[330, 30]],
  point: [[523, 50], [784, 70]],
  open: [[392, 30]],
  flag: [[294, 40]],
  level: [[523, 80], [659, 80], [784, 140]],
  lost: [[196, 120], [131, 240]],
  won: [[523, 90], [659, 90], [784, 90], [1047, 220]],
};

const context = new AudioContext();

export function play(name) {
  let at = context.currentTime;
  for (const [pitch, ms] of TUNES[name]) at = note(pitch, at, ms / 1000);
}

function note(pitch, from, seconds) {
  const tone = new OscillatorNode(context, { type: 'square', frequency: pitch });
  const loudness = new GainNode(context, { gain: 0.05 });
  loudness.gain.exponentialRampToValueAtTime(0.001, from + seconds);
  tone.connect(loudness).connect(context.destination);
  tone.start(from);
  tone.stop(from + seconds);
  return from + seconds;
}
