/**
 * Physical memory, one cell a frame: owner by colour and by letter, references as pips. Runs of whole rows without a
 * used frame are folded to one line. The canvas is as tall as what is visible of it, so that its cost is too, and only
 * cells that look otherwise than before are painted. All lengths are those of a laptop's screen: a larger one has more
 * pixels to each.
 */
import { sizeOf, whenLaidOut } from './box-size.js';
import { choice, create, fill, h, one } from './dom.js';
import { FrameOverview } from './frame-overview.js';
import { colourOf, drawnScale, sharp } from './palette.js';
import { hex } from './schema.js';
import { colour, equation, isCopy, label, mappers, processColour, words } from './owners.js';

const ROW = 27;
const PADDING = 12;
const FOLD = 15;
const MARGIN = 38;
const MOST_PIPS = 4;
const FONT = '10px ui-monospace, "DejaVu Sans Mono", monospace';
const SMALL_FONT = FONT.replace('10px', '8px');
const BOLD_FONT = `bold ${SMALL_FONT}`;
/** @typedef {{text: string, x: number, y: number, colour: string, align: 'left'|'center'}} Letters */

/** Of the table. */
const MOST_ROWS = 512;

export class FrameMap {
  /** @param {HTMLElement} scroller @param {HTMLElement} overview @param {HTMLElement} detail @param {HTMLElement} list @param {() => void} again asks for another drawing */
  constructor(scroller, overview, detail, list, again) {
    this.scroller = scroller;
    this.detail = detail;
    this.list = list;
    this.canvas = /** @type {HTMLCanvasElement} */ (create(h('canvas', { role: 'img', 'aria-label': 'frame map; "Table" tells the same in words' })));
    this.spacer = /** @type {HTMLElement} */ (create(h('div.spacer')));
    scroller.append(this.canvas, this.spacer);
    /** @type {{first: number, count: number, top: number, height: number, folded: boolean}[]} */
    this.lines = [];
    this.perLine = 16;
    /** By what the lines were laid out last. */
    this.layout = '';
    /** How far the map is scrolled, kept because asking lays the page out. */
    this.scrolled = 0;
    /** By what the cells stand where they do, and how each in sight is painted. @type {{by: string, cells: Map<number, string>}} */
    this.painted = { by: '', cells: new Map() };
    /** What is to be written on the canvas. @type {Map<string, Letters[]>} */
    this.texts = new Map();
    /** @type {'map'|'all'|'table'} */
    this.shape = 'map';
    this.overview = new FrameOverview(overview, (ppn) => this.#tell(ppn));
    /** @type {?import('./view.js').View} */
    this.view = null;
    scroller.addEventListener(
      'scroll',
      () => {
        this.scrolled = scroller.scrollTop / drawnScale();
        this.paint();
      },
      { passive: true },
    );
    scroller.addEventListener('keydown', (event) => this.#key(event));
    choice('data-frames', (shape) => {
      this.shape = /** @type {'map'|'all'|'table'} */ (shape);
      again();
    });
  }

  /** @param {import('./view.js').View} view */
  draw(view) {
    this.view = view;
    this.scroller.hidden = this.shape !== 'map';
    this.overview.scroller.hidden = this.shape !== 'all';
    this.list.hidden = this.shape !== 'table';
    if (this.shape === 'table') this.#drawList(view);
    else if (this.shape === 'all') this.overview.draw(view);
    else {
      this.#lay(view);
      // letters on a canvas want the page's styles and layout done
      whenLaidOut(() => this.paint());
    }
    this.drawDetail();
  }

  /** @param {import('./view.js').View} view */
  #lay(view) {
    const { width, height: inSight } = this.#room();
    const layout = `${drawnScale()} ${width} ${inSight} ${view.info.frames} ${view.state.version('frame')}`;
    if (layout === this.layout) return;
    this.layout = layout;
    this.perLine = width - MARGIN >= 32 * 19 ? 32 : 16;
    const used = new Set([0]);
    for (const ppn of view.state.table('frame').keys()) used.add(Math.floor(Number(ppn) / this.perLine));
    const rows = Math.ceil(view.info.frames / this.perLine);
    this.lines = [];
    let top = 0;
    let row = 0;
    const add = (/** @type {number} */ count, /** @type {boolean} */ folded) => {
      const height = folded ? FOLD : ROW;
      this.lines.push({ first: row * this.perLine, count: count * this.perLine, top, height, folded });
      top += height;
      row += count;
    };
    for (const next of [...used].sort((a, b) => a - b)) {
      // A free line after the used ones shows where the next frame comes from.
      if (next > row) add(1, false);
      if (next > row) add(next - row, true);
      if (next >= row) add(1, false);
    }
    // What room is left shows free frames as they are.
    do {
      if (row < rows) add(1, false);
    } while (row < rows && top + ROW + FOLD < inSight);
    if (row < rows) add(rows - row, true);
    this.spacer.style.height = `${top * drawnScale()}px`;
  }

  /** Arrow keys go from cell to cell, past what is folded; Enter pins. @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.perLine, ArrowDown: this.perLine }[event.key];
    if (!view || (!by && event.key !== 'Enter' && event.key !== ' ') || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { hovered } = view.selection;
    const here = hovered?.startsWith('frame:') ? Number(hovered.slice(6)) : null;
    if (by) this.#goTo(here === null ? 0 : here + by, Math.sign(by));
    else if (hovered && here !== null) view.selection.pin(hovered);
  }

  /** @param {number} wanted @param {number} direction in which to look on where the frame is folded away */
  #goTo(wanted, direction) {
    const shown = this.lines.filter((line) => !line.folded);
    const inside = (/** @type {number} */ ppn) => shown.find(({ first, count }) => ppn >= first && ppn < first + count);
    const next = direction > 0 ? shown.find(({ first }) => first > wanted)?.first : shown.findLast(({ first }) => first < wanted)?.first;
    const ppn = inside(wanted) ? wanted : next;
    if (ppn === undefined || ppn < 0 || ppn >= (this.view?.info.frames ?? 0)) return;
    this.reveal([`frame:${ppn}`]);
    this.#tell(ppn);
  }

  /** The keys have come to a frame. @param {number} ppn */
  #tell(ppn) {
    this.view?.selection.hover(`frame:${ppn}`);
    this.view?.refresh();
    this.drawDetail();
    one('#announcer').textContent = this.detail.textContent;
  }

  /** Scrolls the first of these items that is a frame into sight. @param {Iterable<string>} items @returns {boolean} whether there was one */
  reveal(items) {
    for (const item of items) {
      if (!item.startsWith('frame:')) continue;
      const ppn = Number(item.slice(6));
      const line = this.lines.find(({ first, count, folded }) => !folded && ppn >= first && ppn < first + count);
      if (!line) continue;
      const { height } = this.#room();
      if (line.top < this.scrolled || line.top + line.height > this.scrolled + height) {
        this.scroller.scrollTop = (line.top - height / 2) * drawnScale();
      }
      return true;
    }
    return false;
  }

  /** Where on the screen the cell of a frame is, null where it is folded away or out of sight. @param {number} ppn @returns {?DOMRect} */
  placeOf(ppn) {
    const line = this.lines.find(({ first, count, folded }) => !folded && ppn >= first && ppn < first + count);
    if (!line || this.shape !== 'map') return null;
    const { left, top, height } = this.scroller.getBoundingClientRect();
    const { offsetLeft, offsetTop } = this.canvas;
    const cell = this.#cell();
    const scale = drawnScale();
    const y = line.top - this.scrolled;
    if (y < 0 || (y + ROW) * scale > height) return null;
    const x = MARGIN + (ppn - line.first) * cell;
    return new DOMRect(left + offsetLeft + x * scale, top + offsetTop + (y - this.scrolled) * scale, (cell - 2) * scale, (ROW - 2) * scale);
  }

  /** What there is to draw on. */
  #room() {
    const { width, height } = sizeOf(this.scroller);
    return { width: (width - PADDING) / drawnScale(), height: (height - 8) / drawnScale() };
  }

  /** The width of a cell. */
  #cell() {
    return Math.min(26, (this.#room().width - MARGIN) / this.perLine);
  }

  /** Draws what is in sight. */
  paint() {
    const { view } = this;
    if (view && this.shape === 'all') this.overview.draw(view);
    if (!view || this.shape !== 'map') return;
    const { width, height } = this.#room();
    if (width <= 0) return;
    const from = this.scrolled;
    const lines = this.lines.filter((line) => line.top + line.height >= from && line.top <= from + height);
    const by = [drawnScale(), width, height, from, this.perLine, devicePixelRatio, colourOf('ink'), ...lines.map(({ first, top }) => `${first}@${top}`)].join(' ');
    const isAnew = by !== this.painted.by;
    const context = isAnew ? sharp(this.canvas, width, height) : /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    if (isAnew) this.painted = { by, cells: new Map() };
    const cell = this.#cell();
    for (const line of lines) {
      const y = line.top - from;
      if (isAnew) this.#name(line, view.info.frames, y);
      if (line.folded) continue;
      for (let i = 0; i < this.perLine && line.first + i < view.info.frames; i++) {
        this.#paintFrame(context, view, line.first + i, MARGIN + i * cell, y, cell);
      }
    }
    this.#write(context);
  }

  /** The first frame of a line, or what a folded one leaves out. @param {{first: number, count: number, folded: boolean}} line @param {number} frames @param {number} y */
  #name({ first, count, folded }, frames, y) {
    const rest = `⋯ ${count.toLocaleString('en')} free frames, up to ${hex(Math.min(first + count, frames) - 1)}`;
    this.#letters(FONT, { text: folded ? rest : hex(first), x: folded ? 4 : 2, y: y + (folded ? 11 : 16), colour: 'muted', align: 'left' });
  }

  /** @param {CanvasRenderingContext2D} context @param {import('./view.js').View} view @param {number} ppn @param {number} x @param {number} y @param {number} size */
  #paintFrame(context, view, ppn, x, y, size) {
    const frame = view.state.table('frame').get(ppn);
    const item = `frame:${ppn}`;
    const isLit = view.lit.has(item) || view.focus.has(item);
    const isChanged = view.changed.has(item);
    const isShown = view.translation?.ppn === ppn && !isChanged;
    const text = frame ? label(frame) : '';
    const looks = frame
      ? `${text} ${frame.pid} ${frame.refs} ${frame.cached} ${frame.pins} ${frame.parent} ${mappers(view.state, frame).slice(0, MOST_PIPS)} ${isLit} ${isChanged} ${isShown}`
      : `${isLit} ${isChanged} ${isShown}`;
    if (this.painted.cells.get(ppn) === looks) return;
    this.painted.cells.set(ppn, looks);
    const [w, tall] = [size - 2, ROW - 2];
    context.clearRect(x - 1, y - 1, size, ROW);
    context.fillStyle = colourOf('sunken');
    context.fillRect(x, y, w, tall);
    if (frame) {
      const own = colourOf(colour(frame));
      context.globalAlpha = 0.24;
      context.fillStyle = own;
      context.fillRect(x, y, w, tall);
      context.globalAlpha = 1;
      context.fillRect(x, y, w, 2);
      if (isCopy(frame)) {
        // A private copy has a cut corner: it is torn off from its file.
        context.fillStyle = colourOf('file');
        context.beginPath();
        context.moveTo(x + w - 6, y);
        context.lineTo(x + w, y);
        context.lineTo(x + w, y + 6);
        context.fill();
      }
      this.#letters(text.length > 2 ? SMALL_FONT : FONT, { text, x: x + w / 2, y: y + 12.5, colour: 'ink', align: 'center' });
      this.#paintPips(context, view, frame, x + 1.5, y + tall - 7.5, w - 3);
    }
    if (isShown) this.#ring(context, x, y, w, tall, 'ink', []);
    if (isChanged) this.#ring(context, x, y, w, tall, 'change', [3, 2]);
    if (isLit) this.#ring(context, x, y, w, tall, 'select', []);
  }

  /** What is to be written, font by font: to change the font is as much work as a whole cell. @param {string} font @param {Letters} letters */
  #letters(font, letters) {
    const others = this.texts.get(font);
    if (others) others.push(letters);
    else this.texts.set(font, [letters]);
  }

  /** @param {CanvasRenderingContext2D} context */
  #write(context) {
    for (const [font, texts] of this.texts) {
      context.font = font;
      for (const { text, x, y, colour, align } of texts) {
        context.textAlign = align;
        context.fillStyle = colourOf(colour);
        context.fillText(text, x, y);
      }
    }
    this.texts.clear();
  }

  /** @param {CanvasRenderingContext2D} context @param {import('./view.js').View} view @param {any} frame @param {number} x @param {number} y @param {number} width */
  #paintPips(context, view, frame, x, y, width) {
    const refs = Number(frame.refs);
    if (refs > MOST_PIPS) {
      this.#letters(BOLD_FONT, { text: String(refs), x: x + width / 2, y: y + 5, colour: 'ink', align: 'center' });
      return;
    }
    const step = width / MOST_PIPS;
    let at = x;
    for (const pid of mappers(view.state, frame).slice(0, MOST_PIPS)) {
      context.fillStyle = colourOf(processColour(pid));
      context.fillRect(at, y + 1, step - 1, 4);
      at += step;
    }
    context.fillStyle = colourOf('file');
    if (Number(frame.cached)) {
      context.strokeStyle = colourOf('file');
      context.lineWidth = 1.5;
      context.strokeRect(at + 0.5, y + 0.5, 4, 4);
      at += step;
    }
    context.fillStyle = colourOf('muted');
    for (let i = 0; i < Math.min(MOST_PIPS, Number(frame.pins)); i++) {
      context.beginPath();
      context.moveTo(at, y + 5);
      context.lineTo(at + 2.5, y);
      context.lineTo(at + 5, y + 5);
      context.fill();
      at += step;
    }
    if (Number(frame.parent)) context.fillRect(at, y + 2, 5, 1.5);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} w @param {number} tall @param {string} name @param {number[]} dash */
  #ring(context, x, y, w, tall, name, dash) {
    context.strokeStyle = colourOf(name);
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.strokeRect(x, y, w, tall);
    context.setLineDash([]);
  }

  /** The frame under the pointer. @param {MouseEvent} event @returns {?string} */
  under(event) {
    if (this.shape === 'all') return this.overview.under(event);
    if (event.target !== this.canvas || !this.view) return null;
    const { left, top } = this.canvas.getBoundingClientRect();
    const y = (event.clientY - top) / drawnScale() + this.scrolled;
    const line = this.lines.find((candidate) => y >= candidate.top && y < candidate.top + candidate.height);
    if (!line || line.folded) return null;
    const cell = this.#cell();
    const i = Math.floor(((event.clientX - left) / drawnScale() - MARGIN) / cell);
    const ppn = line.first + i;
    return i >= 0 && i < this.perLine && ppn < this.view.info.frames ? `frame:${ppn}` : null;
  }

  /** The frame of the selection in words. */
  drawDetail() {
    const { view } = this;
    if (!view) return;
    const item = view.selection.item;
    const of = item && frameOf(item, view.lit);
    if (!of) {
      fill(this.detail, drawLegend());
      return;
    }
    const ppn = Number(of.slice(6));
    const frame = view.state.table('frame').get(ppn);
    fill(
      this.detail,
      h(
        'p',
        {},
        h('b', {}, `${hex(ppn)} `),
        frame ? `${label(frame)}: ${words(view.state, frame)}. ` : 'is free. ',
        frame ? h('span.equation', {}, equation(frame)) : null,
        frame && mappers(view.state, frame).length ? `, mapped by ${[...new Set(mappers(view.state, frame))].map((pid) => `P${pid}`).join(', ')}` : null,
      ),
    );
  }

  /** @param {import('./view.js').View} view */
  #drawList(view) {
    const rows = view.state.rows('frame').sort((a, b) => Number(a.ppn) - Number(b.ppn));
    const frames = rows.slice(0, MOST_ROWS);
    fill(
      this.list,
      rows.length > MOST_ROWS ? h('p.fact', {}, `The first ${MOST_ROWS} of ${rows.length.toLocaleString('en')} frames in use.`) : null,
      h(
        'table.plain-table',
        {},
        h('thead', {}, h('tr', {}, ...['frame', 'sign', 'holds', 'references'].map((name) => h('th', { scope: 'col' }, name)))),
        h(
          'tbody',
          {},
          ...frames.map((frame) => {
            const item = `frame:${frame.ppn}`;
            return h(
              'tr',
              { 'data-key': item, 'data-item': item, tabindex: -1, class: view.marks(item) },
              h('th', { scope: 'row' }, h('code', {}, hex(frame.ppn))),
              h('td', {}, h('b', {}, label(frame))),
              h('td', {}, words(view.state, frame)),
              h('td', {}, equation(frame)),
            );
          }),
        ),
      ),
    );
  }
}

/** The frame that tells most of an item: a file page's own before its copies, an entry's target before its table. @param {string} item @param {Set<string>} lit */
function frameOf(item, lit) {
  if (item.startsWith('frame:')) return item;
  const frames = [...lit].filter((other) => other.startsWith('frame:'));
  return item.startsWith('page:') ? frames[0] : frames.at(-1);
}

function drawLegend() {
  const entries = [
    ['T1', 'p1', 'table'],
    ['A1', 'p1', 'anonymous'],
    ['C1', 'p1', 'copy'],
    ['F2', 'file', 'file'],
    ['Z', 'zero', 'zero'],
  ];
  return h(
    'ul.legend',
    {},
    ...entries.map(([glyph, name, text]) => h('li', {}, h('b.key', { class: name }, glyph), ` ${text}`)),
    h('li', {}, '▬ mapping'),
    h('li', {}, '□ cache'),
    h('li', {}, '– parent'),
    h('li', {}, '▲ pin'),
  );
}

