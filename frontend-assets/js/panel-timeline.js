/**
 * The whole log from left to right, a lane for each question: which operations, which faults, how many TLB misses, what
 * the frames are used for, how much is resident. The lanes are a canvas that is painted when something has come; the
 * place where the reader stands is an element over it, and dragging it moves the reader.
 */
import { h, one } from './dom.js';
import { Lanes } from './lanes.js';
import { colourOf, sharp } from './palette.js';
import { State } from './state.js';

const LABELS = 62;
const LANES = [
  { name: 'operations', top: 0, height: 9 },
  { name: 'faults', top: 11, height: 10 },
  { name: 'TLB misses', top: 23, height: 8 },
  { name: 'frames', top: 33, height: 15 },
  { name: 'resident', top: 50, height: 10 },
];
const HEIGHT = 61;
/** So many records are summed up between two frames of the screen: some milliseconds of work. */
const SLICE = 16_384;
const FAULTS = /** @type {const} */ ([
  ['minor', 'good', 0.45],
  ['major', 'change', 0.75],
  ['fatal', 'bad', 1],
]);

export class Timeline {
  /** @param {HTMLElement} box @param {import('./laboratory.js').Laboratory} laboratory @param {() => void} again asks for another drawing */
  constructor(box, laboratory, again) {
    this.box = box;
    this.laboratory = laboratory;
    this.again = again;
    this.canvas = /** @type {HTMLCanvasElement} */ (h('canvas', { 'aria-hidden': true }));
    this.cursor = /** @type {HTMLElement} */ (h('div.cursor'));
    box.append(this.canvas, this.cursor);
    laboratory.addEventListener('beginning', () => this.begin());
    /** @type {?Lanes} */
    this.lanes = null;
    this.painted = '';
    box.addEventListener('pointerdown', (event) => {
      box.setPointerCapture(event.pointerId);
      this.#drag(event);
    });
    box.addEventListener('pointermove', (event) => {
      if (box.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
  }

  /** The history has got another beginning, at which the laboratory's state stands unless nothing was before it. */
  begin() {
    const { history, schema, state } = this.laboratory;
    this.lanes = new Lanes(schema, history.start === 0 ? new State(schema) : state, history.start);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const { left, width } = this.box.getBoundingClientRect();
    const share = (event.clientX - left - LABELS) / (width - LABELS - 2);
    this.laboratory.seek(this.at(share), 'step');
  }

  /** The moment at a share of the whole. @param {number} share */
  at(share) {
    const { start, head } = this.laboratory.history;
    return Math.round(start + Math.max(0, Math.min(1, share)) * (head - start));
  }

  draw() {
    const { laboratory, box } = this;
    const { history } = laboratory;
    if (!this.lanes) return;
    if (this.lanes.consume(history, SLICE)) this.again();
    const width = box.clientWidth;
    const picture = `${this.lanes.start} ${this.lanes.head} ${history.head} ${width} ${colourOf('ink')}`;
    if (picture !== this.painted) this.#paint(width);
    this.painted = picture;
    const total = history.head - history.start || 1;
    const x = LABELS + ((laboratory.at - history.start) / total) * (width - LABELS - 2);
    this.cursor.style.transform = `translateX(${x}px)`;
    box.setAttribute('aria-valuemin', String(history.start));
    box.setAttribute('aria-valuemax', String(history.head));
    box.setAttribute('aria-valuenow', String(laboratory.at));
    box.setAttribute('aria-valuetext', `record ${laboratory.at} of ${history.head}: ${laboratory.story?.beginning ?? 'the beginning'}`);
  }

  /** @param {number} width */
  #paint(width) {
    const context = sharp(this.canvas, width, HEIGHT);
    const { lanes, laboratory } = this;
    if (!lanes) return;
    context.font = '10px system-ui, "DejaVu Sans", sans-serif';
    for (const { name, top, height } of LANES) {
      context.fillStyle = colourOf('muted');
      context.fillText(name, 2, top + height / 2 + 3.5);
      context.fillStyle = colourOf('sunken');
      context.fillRect(LABELS, top, width - LABELS - 2, height);
    }
    const total = laboratory.history.head - lanes.start || 1;
    const scale = ((width - LABELS - 2) * lanes.size) / total;
    lanes.buckets.forEach((bucket, i) => this.#paintBucket(context, bucket, LABELS + i * scale, scale));
  }

  /** @param {CanvasRenderingContext2D} context @param {import('./lanes.js').Bucket} bucket @param {number} x @param {number} w */
  #paintBucket(context, bucket, x, w) {
    const { most } = /** @type {Lanes} */ (this.lanes);
    const [operations, faults, misses, frames, resident] = LANES;
    const thin = Math.max(1, Math.min(w, 3));
    if (bucket.operations) bar(context, 'accent', x, operations, 1, thin);
    for (const [kind, colour, share] of FAULTS) if (bucket[kind]) bar(context, colour, x, faults, share, thin);
    if (bucket.misses) bar(context, 'mmu', x, misses, 0.35 + (0.65 * bucket.misses) / most.misses, thin);
    let below = 0;
    for (const [kind, colour] of /** @type {const} */ ([['table', 'muted'], ['file', 'file'], ['anon', 'p1']])) {
      const share = bucket[kind] / most.frames;
      context.fillStyle = colourOf(colour);
      const tall = share * frames.height;
      context.fillRect(x, frames.top + frames.height - below - tall, w + 0.5, tall);
      below += tall;
    }
    bar(context, 'p3', x, resident, bucket.resident / most.resident, w + 0.5);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} colour @param {number} x @param {{top: number, height: number}} lane @param {number} share @param {number} w */
function bar(context, colour, x, { top, height }, share, w) {
  context.fillStyle = colourOf(colour);
  const tall = height * share;
  context.fillRect(x, top + height - tall, w, tall);
}

/** @param {import('./laboratory.js').Laboratory} laboratory draws the controls of the pace */
export function drawPace(laboratory) {
  const { story, history, at } = laboratory;
  const off = {
    first: !story || at <= history.start,
    back: !story || at <= history.start,
    next: !story || laboratory.following,
    last: !story || laboratory.following,
    'previous-fault': history.faultFrom(story?.current?.first ?? at, -1) === undefined,
    'next-fault': history.faultFrom(at, 1) === undefined,
  };
  for (const [name, disabled] of Object.entries(off)) {
    /** @type {HTMLButtonElement} */ (one(`[data-step="${name}"]`)).disabled = disabled;
  }
  one('.place').textContent = story ? `${story.position} of ${story.steps.length}` : '';
}
