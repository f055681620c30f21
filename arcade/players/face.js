// A character's face, drawn for an emotion.

const NAMESPACE = 'http://www.w3.org/2000/svg';

const EYES = {
  open: 'M5 7h2v2H5zM13 7h2v2h-2z',
  wide: 'M5 6h2v3H5zM13 6h2v3h-2z',
  smile: 'M5 8h1V7h1v1h1v1H5zM12 8h1V7h1v1h1v1h-3z',
  low: 'M5 8h3v1H5zM12 8h3v1h-3z',
  shut: 'M4 8h4v1H4zM12 8h4v1h-4z',
  sharp: 'M4 6h1v1h2v1h1v1H5V8H4zM15 6h1v2h-1v1h-3V8h1V7h2z',
};
const MOUTHS = {
  flat: 'M7 13h6v1H7z',
  smile: 'M6 12h1v1h6v-1h1v1h-1v1H7v-1H6z',
  grin: 'M6 12h8v1h-1v2h-1v1H8v-1H7v-2H6z',
  small: 'M9 13h2v1H9z',
  down: 'M7 13h6v1h1v1h-1v-1H7v1H6v-1h1z',
  round: 'M9 12h2v3H9z',
};
const FACES = {
  neutral: ['open', 'flat'],
  happy: ['smile', 'smile'],
  excited: ['wide', 'grin'],
  shy: ['low', 'small'],
  sad: ['low', 'down'],
  angry: ['sharp', 'down'],
  approving: ['open', 'smile'],
  amused: ['smile', 'grin'],
  stern: ['sharp', 'flat'],
  asleep: ['shut', 'small'],
  listening: ['wide', 'round'],
};
const HEADS = {
  miko: ['M3 4h2V2h10v2h2v12h-2v2H5v-2H3z', 'M2 3h3V1h10v2h3v6h-2V6h-2V5H6v1H4v3H2z'],
  garo: ['M3 4h2V3h10v1h2v11h-1v2h-2v1H6v-1H4v-2H3z', 'M3 15h2v2h2v1h6v-1h2v-2h2v3h-2v1H5v-1H3z'],
};

/** Redrawn by `feel`; the emotion is in data-emotion, too, for the style and for tests. */
export class Face {
  constructor(character) {
    this.node = document.createElementNS(NAMESPACE, 'svg');
    this.node.setAttribute('viewBox', '0 0 20 20');
    this.node.setAttribute('class', `face of-${character}`);
    this.node.setAttribute('aria-hidden', 'true');
    this.character = character;
    this.feel('neutral');
  }

  feel(emotion) {
    const [eyes, mouth] = FACES[emotion] ?? FACES.neutral;
    const [head, hair] = HEADS[this.character] ?? HEADS.miko;
    this.node.dataset.emotion = emotion;
    this.node.replaceChildren(
      ...Object.entries({ head, hair, eyes: EYES[eyes], mouth: MOUTHS[mouth] }).map(([name, path]) => drawn(name, path)),
    );
  }
}

function drawn(name, path) {
  const part = document.createElementNS(NAMESPACE, 'path');
  part.setAttribute('class', name);
  part.setAttribute('d', path);
  return part;
}
