/**
 * The log from left to right, a lane for each question: which system calls, which faults, how many TLB misses, what the
 * frames are used for, how much is resident, what was noted. The lanes are a canvas that is painted when something has
 * come or another stretch is looked at; the place where the reader stands is an element over it, and dragging it moves
 * the reader. The wheel zooms at the pointer.
 */
import { whenLaidOut } from './box-size.js';
import { create, fill, h, one } from './dom.js';
import { density } from './lanes.js';
import { colourOf, drawnScale, sharp } from './palette.js';
import { Span } from './span.js';
import { Survey } from './survey.js';

/** Room for the names of lanes and their counts, and of the short names where a window is narrower than this. */
const LABELS = 104;
const FEW_LABELS = 70;
const NARROW = 400;
const LANES = [
  { name: 'system calls', brief: 'calls', top: 0, height: 9 },
  { name: 'faults', top: 11, height: 10 },
  { name: 'TLB misses', brief: 'misses', top: 23, height: 8 },
  { name: 'frames', top: 33, height: 14 },
  { name: 'RSS', top: 49, height: 10 },
  { name: 'notes', top: 61, height: 11 },
];
const NOTES = LANES[5];
const HEIGHT = 73;
/** The share of its lane that the lowest bar takes. */
const SPARSE = 0.2;
/** Heights of the fewest in a bucket and of the most: no other kind has the same. The tallest stands behind the others. */
const FAULTS = /** @type {const} */ ([
  ['fatal', 'bad', 1, 1],
  ['major', 'change', 0.65, 0.85],
  ['minor', 'good', SPARSE, 0.6],
]);
/** Milliseconds between two paintings of a log that grows. */
const PAUSE = 400;
const ZOOM = 2;
const PAN = 0.4;
/** Of the wheel, for one doubling. */
const WHEEL = 240;
/** In the lane of notes a click this near to one goes to it, in pixels. */
const NEAR = 6;

/** @typedef {import('./lanes.js').Lanes} Lanes */

export class Timeline {
  /**
   * @param {HTMLElement} box
   * @param {import('./laboratory.js').Laboratory} laboratory
   */
  constructor(box, laboratory) {
    this.box = box;
    this.laboratory = laboratory;
    this.span = new Span();
    /** Moments that are marked in the lane of notes: what was noted, and what was found. @type {{notes: number[], hits: number[]}} */
    this.marks = { notes: [], hits: [] };
    this.canvas = /** @type {HTMLCanvasElement} */ (create(h('canvas', { 'aria-hidden': true })));
    this.cursor = /** @type {HTMLElement} */ (create(h('div.cursor')));
    box.append(this.canvas, this.cursor);
    this.stretch = one('.timeline-span');
    this.all = /** @type {HTMLButtonElement} */ (one('[data-timeline=all]'));
    /** Kept, because to ask for it lays the whole page out. */
    this.width = box.clientWidth;
    new ResizeObserver(() => {
      this.width = box.clientWidth;
      this.again();
    }).observe(box);
    this.survey = new Survey(laboratory, () => this.again());
    laboratory.addEventListener('beginning', () => (this.fine = null));
    laboratory.addEventListener('moved', () => this.span.contain(laboratory.at));
    this.drawing = false;
    /** The lanes of the stretch that is shown, and which it is. @type {{of: string, lanes: Lanes}|null} */
    this.fine = null;
    /** What the picture shows and how, and since when. */
    this.painted = { shown: '', look: '', at: -Infinity };
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    box.addEventListener('pointerdown', (event) => {
      box.setPointerCapture(event.pointerId);
      this.#drag(event);
    });
    box.addEventListener('pointermove', (event) => {
      if (box.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
    box.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** Pixels before the lanes begin. */
  get labels() {
    return this.width / drawnScale() < NARROW ? FEW_LABELS : LABELS;
  }

  /** @returns {?Lanes} */
  get lanes() {
    return this.survey.lanes;
  }

  /** Draws itself alone in the next frame. */
  again() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.draw();
    });
  }

  /** @param {string} verb 'in', 'out', 'earlier', 'later' or 'all' */
  look(verb) {
    const { span, laboratory } = this;
    if (verb === 'in') span.zoom(1 / ZOOM, laboratory.at);
    else if (verb === 'out') span.zoom(ZOOM, laboratory.at);
    else if (verb === 'earlier') span.pan(-PAN);
    else if (verb === 'later') span.pan(PAN);
    else span.all();
    this.again();
  }

  /** @param {{notes: number[], hits: number[]}} marks */
  mark(marks) {
    this.marks = marks;
    this.painted.look = '';
    this.again();
  }

  /** @param {MouseEvent} event */
  #share({ clientX }) {
    const { left, width } = this.box.getBoundingClientRect();
    const labels = this.labels * drawnScale();
    return (clientX - left - labels) / (width - labels - 2);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const { span, laboratory, box } = this;
    const { top, width } = box.getBoundingClientRect();
    const near = (NEAR / (width - this.labels * drawnScale())) * span.length;
    const moment = span.at(this.#share(event));
    const marks = event.clientY - top >= NOTES.top * drawnScale() ? [...this.marks.notes, ...this.marks.hits].filter((at) => Math.abs(at - moment) <= near) : [];
    const nearest = marks.sort((a, b) => Math.abs(a - moment) - Math.abs(b - moment))[0];
    if (nearest === undefined) laboratory.seek(moment, 'step');
    else laboratory.seek(nearest, 'change');
  }

  /** Where the page itself scrolls the wheel is the page's, unless Ctrl is held. @param {WheelEvent} event */
  #wheel(event) {
    if (document.documentElement.scrollHeight > innerHeight && !event.ctrlKey) return;
    event.preventDefault();
    const { deltaX, deltaY, shiftKey } = event;
    const { span } = this;
    if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) span.pan((deltaX || deltaY) / 1000);
    else span.zoom(2 ** (deltaY / WHEEL), span.at(this.#share(event)));
    this.again();
  }

  /** The moment at a share of the whole log. @param {number} share */
  at(share) {
    const { start, head } = this.survey;
    return Math.round(start + share * (head - start));
  }

  draw() {
    const { laboratory, box, span, lanes, labels } = this;
    const { start, head } = this.survey;
    if (!lanes) return;
    span.reach(start, head);
    const scale = drawnScale();
    const width = this.width / scale;
    this.#keepPainted(`${lanes.head} ${span.from} ${span.to}`, `${span.isWhole || `${span.from} ${span.to}`} ${width} ${scale} ${colourOf('ink')}`);
    const share = span.share(laboratory.at);
    this.cursor.hidden = share < 0 || share > 1;
    this.cursor.style.transform = `translateX(${(labels + share * (width - labels - 2)) * scale}px)`;
    box.setAttribute('aria-valuemin', String(start));
    box.setAttribute('aria-valuemax', String(head));
    box.setAttribute('aria-valuenow', String(laboratory.at));
    box.setAttribute('aria-valuetext', `record ${laboratory.at} of ${head}: ${laboratory.story?.beginning ?? 'the beginning'}`);
    fill(this.stretch, span.isWhole ? '' : `#${span.from}–${span.to}`);
    this.all.disabled = span.isWhole;
  }

  /** Paints where something else is to be seen; a log that only grows, a few times a second. @param {string} shown @param {string} look */
  #keepPainted(shown, look) {
    const { painted } = this;
    if (shown === painted.shown && look === painted.look) return;
    const rest = painted.at + PAUSE - performance.now();
    if (look === painted.look && rest > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.again(), rest);
      return;
    }
    if (this.painted.at === -Infinity) performance.mark('timeline painted');
    this.painted = { shown, look, at: performance.now() };
    // letters on a canvas want the page's styles and layout done
    whenLaidOut(() => this.#paint(this.width / drawnScale()));
  }

  /** The lanes in which the shown stretch is summed up. @returns {Lanes} */
  #lanes() {
    const { span } = this;
    const whole = /** @type {Lanes} */ (this.lanes);
    if (span.isWhole || span.to > whole.head) return whole;
    const of = `${span.from} ${span.to}`;
    if (this.fine?.of !== of) this.fine = { of, lanes: whole.stretch(this.survey.log, span.from, span.to) };
    return this.fine.lanes;
  }

  /** What each lane counts in all of the log: events, and how things stand at its end. */
  #counts() {
    const { sums, now } = /** @type {Lanes} */ (this.lanes);
    const { notes } = this.marks;
    let [calls, faults] = [sums.operations + sums.calls, sums.minor + sums.major + sums.fatal];
    for (const part of this.survey.unread) [calls, faults] = [calls + part.operations, faults + part.faults];
    return [calls, faults, sums.misses, now.table + now.anon + now.file, now.resident, notes.length].map(short);
  }

  /** @param {number} width */
  #paint(width) {
    const context = sharp(this.canvas, width, HEIGHT);
    const lanes = this.#lanes();
    const { span, labels } = this;
    context.font = '10px system-ui, "DejaVu Sans", sans-serif';
    const counted = this.#counts();
    for (const [i, { name, brief = name, top, height }] of LANES.entries()) {
      context.fillStyle = colourOf('muted');
      context.textAlign = 'left';
      context.fillText(labels < LABELS ? brief : name, 2, top + height / 2 + 3.5);
      context.fillStyle = colourOf('ink');
      context.textAlign = 'right';
      context.fillText(counted[i], labels - 5, top + height / 2 + 3.5);
      context.fillStyle = colourOf('sunken');
      context.fillRect(labels, top, width - labels - 2, height);
    }
    const wide = width - labels - 2;
    context.save();
    context.beginPath();
    context.rect(labels, 0, wide, HEIGHT);
    context.clip();
    const scale = (wide * lanes.size) / (span.length || 1);
    const left = labels + span.share(lanes.start) * wide;
    const first = Math.max(0, Math.floor((labels - left) / scale));
    const last = Math.min(lanes.buckets.length, Math.ceil((labels + wide - left) / scale));
    paintBuckets(context, lanes, lanes.buckets.slice(first, last), left + first * scale, scale);
    const { unread } = this.survey;
    const most = unread.reduce((sum, { operations, faults }) => ({ operations: Math.max(sum.operations, operations), faults: Math.max(sum.faults, faults) }), { operations: 1, faults: 1 });
    for (const part of unread) {
      const x = labels + span.share(part.first) * wide;
      bar(context, 'accent', x, LANES[0], tall(part.operations, most.operations, SPARSE, 1), 1);
      bar(context, 'muted', x, LANES[1], tall(part.faults, most.faults, SPARSE, 0.6), 1);
    }
    for (const at of this.marks.hits) paintMark(context, 'select', labels + span.share(at) * wide, false);
    for (const at of this.marks.notes) paintMark(context, 'ink', labels + span.share(at) * wide, true);
    context.restore();
  }
}

/** A number in few letters. @param {number} n */
const short = (n) => (n < 10_000 ? String(n) : n < 1e6 ? `${Math.floor(n / 1000)}k` : `${(n / 1e6).toFixed(1)}M`);

/** Colour by colour, for to change it is more work than a bar. @param {CanvasRenderingContext2D} context @param {Lanes} lanes @param {import('./lanes.js').Bucket[]} buckets @param {number} x @param {number} w of a bucket */
function paintBuckets(context, { most }, buckets, x, w) {
  const [calls, faults, misses, frames, resident] = LANES;
  const paint = (/** @type {string} */ colour, /** @type {{top: number, height: number}} */ { top, height }, /** @type {number} */ wide, /** @type {(bucket: import('./lanes.js').Bucket) => number} */ share) => {
    context.fillStyle = colourOf(colour);
    for (let i = 0; i < buckets.length; i++) {
      const pixels = height * share(buckets[i]);
      if (pixels > 0) context.fillRect(x + i * w, top + height - pixels, wide, pixels);
    }
  };
  const thin = Math.max(1, Math.min(w, 3));
  const full = w + 0.5;
  const called = (/** @type {import('./lanes.js').Bucket} */ bucket) => tall(bucket.operations + bucket.calls, most.calls, SPARSE, 1);
  paint('accent', calls, thin, called);
  paint('kernel', calls, thin, (bucket) => (bucket.calls ? (called(bucket) * bucket.calls) / (bucket.operations + bucket.calls) : 0));
  for (const [kind, colour, least, highest] of FAULTS) paint(colour, faults, thin, (bucket) => tall(bucket[kind], most[kind], least, highest));
  paint('mmu', misses, thin, (bucket) => tall(bucket.misses, most.misses, SPARSE, 1));
  // each is painted over what it stands on
  paint('p1', frames, full, ({ table, file, anon }) => (table + file + anon) / most.frames);
  paint('file', frames, full, ({ table, file }) => (table + file) / most.frames);
  paint('muted', frames, full, ({ table }) => table / most.frames);
  paint('p3', resident, full, (bucket) => bucket.resident / most.resident);
}

/** The share of a lane that tells how many there are. @param {number} count @param {number} most @param {number} least @param {number} highest */
const tall = (count, most, least, highest) => (count ? least + (highest - least) * density(count, most) : 0);

/** @param {CanvasRenderingContext2D} context @param {string} colour @param {number} x @param {{top: number, height: number}} lane @param {number} share @param {number} w */
function bar(context, colour, x, { top, height }, share, w) {
  context.fillStyle = colourOf(colour);
  context.fillRect(x, top + height - height * share, w, height * share);
}

/** A flag for a note, a line for what was found. @param {CanvasRenderingContext2D} context @param {string} colour @param {number} x @param {boolean} isNote */
function paintMark(context, colour, x, isNote) {
  const { top, height } = NOTES;
  context.fillStyle = colourOf(colour);
  context.fillRect(x - 0.75, top, 1.5, height);
  if (!isNote) return;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x + 8, top + 3.5);
  context.lineTo(x, top + 7);
  context.fill();
}
