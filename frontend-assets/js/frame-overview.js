/**
 * All of physical memory at once: one pixel a frame, or a square of some pixels where there is room. Colours tell the
 * owners; the words below tell the frame that is pointed at. Only frames that look otherwise than before are painted.
 */
import { sizeOf } from './box-size.js';
import { create, h } from './dom.js';
import { TABLE, colour } from './owners.js';
import { colourOf, drawnScale, sharp } from './palette.js';

const LARGEST = 9;
const PADDING = 12;
/** From this size on a gap of a pixel parts the frames. */
const PARTED = 4;

export class FrameOverview {
  /** @param {HTMLElement} scroller @param {(ppn: number) => void} went the keys have gone to a frame */
  constructor(scroller, went) {
    this.scroller = scroller;
    this.went = went;
    this.canvas = /** @type {HTMLCanvasElement} */ (create(h('canvas', { role: 'img', 'aria-label': 'all frames, one square each; "Table" tells the same in words' })));
    scroller.append(this.canvas);
    this.perLine = 1;
    /** Pixels of a frame, in either direction. */
    this.size = 1;
    /** By what the picture was laid out last. */
    this.layout = '';
    /** The colour in which each frame is painted. @type {string[]} */
    this.painted = [];
    /** @type {?import('./view.js').View} */
    this.view = null;
    scroller.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {import('./view.js').View} view */
  draw(view) {
    this.view = view;
    const { frames } = view.info;
    if (sizeOf(this.scroller).width <= PADDING) return;
    const context = this.#lay(frames);
    const rows = view.state.table('frame');
    const edge = this.size < PARTED ? this.size : this.size - 1;
    for (let ppn = 0; ppn < frames; ppn++) {
      const name = colourAt(view, ppn, rows.get(ppn));
      if (this.painted[ppn] === name) continue;
      this.painted[ppn] = name;
      context.fillStyle = colourOf(name);
      context.fillRect((ppn % this.perLine) * this.size, Math.floor(ppn / this.perLine) * this.size, edge, edge);
    }
  }

  /** The largest squares that all fit; the page scrolls where not even pixels do. @param {number} frames */
  #lay(frames) {
    const inside = sizeOf(this.scroller);
    const [width, height] = [inside.width - PADDING, inside.height - PADDING];
    let size = Math.round(LARGEST * drawnScale());
    while (size > 1 && Math.ceil(frames / Math.floor(width / size)) * size > height) size--;
    const perLine = Math.max(1, Math.floor(width / size));
    const layout = `${size} ${perLine} ${frames} ${devicePixelRatio} ${colourOf('ink')}`;
    if (layout === this.layout) return /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    Object.assign(this, { size, perLine, layout, painted: [] });
    return sharp(this.canvas, perLine * size, Math.ceil(frames / perLine) * size, 1);
  }

  /** The frame under the pointer. @param {MouseEvent} event @returns {?string} */
  under(event) {
    if (event.target !== this.canvas || !this.view) return null;
    const { left, top } = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - left) / this.size);
    const ppn = Math.floor((event.clientY - top) / this.size) * this.perLine + column;
    return column < this.perLine && ppn < this.view.info.frames ? `frame:${ppn}` : null;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this;
    if (!view || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.perLine, ArrowDown: this.perLine }[event.key];
    const { hovered } = view.selection;
    const here = hovered?.startsWith('frame:') ? Number(hovered.slice(6)) : null;
    const next = here === null ? 0 : here + (by ?? 0);
    if (by && next >= 0 && next < view.info.frames) this.went(next);
    else if (hovered && here !== null && (event.key === 'Enter' || event.key === ' ')) view.selection.pin(hovered);
    else if (!by) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {import('./view.js').View} view @param {number} ppn @param {import('./state.js').Row|undefined} frame */
function colourAt(view, ppn, frame) {
  const item = `frame:${ppn}`;
  if (view.lit.has(item) || view.focus.has(item) || view.translation?.ppn === ppn) return 'select';
  if (view.changed.has(item)) return 'change';
  if (!frame) return 'sunken';
  return frame.kind === TABLE ? 'ink' : colour(frame);
}
