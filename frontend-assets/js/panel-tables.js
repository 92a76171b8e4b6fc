/**
 * The tables that translate the shown address, left to right as the MMU reads them. Each is a frame with 512 entries:
 * a barcode of all of them, and below it nine rows around the index or the whole table as a grid. Both pictures are
 * canvases; the list of valid entries tells the same in words.
 */
import { isStacked, sizeOf, whenLaidOut } from './box-size.js';
import { fill, h, markLetters } from './dom.js';
import { colourOf, drawnScale, sharp } from './palette.js';
import { numeral } from './numerals.js';
import { entryFlags, hex } from './schema.js';
import { equation, label, witnesses, words } from './owners.js';
import { vmaAt } from './spaces.js';
import { bitsOf, KIND_GLYPHS, KIND_WORDS, PAGE, isGuard, isLeaf, isSwapped, isValid, kindOf, ppnOf, slotOf } from './walk.js';

const ENTRIES = 512;
/** Of a grid; in a narrow place half of them, so that a cell can still be seen. */
const COLUMNS = 32;
const NARROW = 100;
const WIDEST = 352;
/** A cell of the grid is at least this tall, so that its shape can be told. */
const LOWEST = 8;
const AROUND = 4;
/** Where it is low, a row fewer on either side leaves room for the TLB. */
const LOW = 310;
/** With this many pixels of height a table is shown both as a grid and as rows. */
const ROOMY = 520;

const ENTRIES_STOP = { tabindex: 0, 'aria-label': 'entries: index, kind, bits, frame' };

/** @typedef {'rows'|'grid'|'list'} Shape */

/** @typedef {{kind: string, accessed: boolean, dirty: boolean}} Cell of a grid */

/** @param {HTMLElement} panel @param {import('./view.js').View} view @param {Shape} shape */
export function drawTables(panel, view, shape) {
  const { translation } = view;
  if (!translation) {
    fill(panel);
    return;
  }
  const { height } = sizeOf(/** @type {Element} */ (panel.parentElement));
  const roomy = height > ROOMY && !isStacked();
  const around = height < LOW ? AROUND - 1 : AROUND;
  const shapes = { rows: shape === 'rows', grid: shape === 'grid' || (roomy && shape === 'rows'), list: shape === 'list' };
  panel.dataset.levels = String(view.levels);
  fill(panel, ...translation.reads.map((read) => drawTable(view, read, shapes, around)), drawByte(view, translation), h('svg.arrows', { 'data-key': 'arrows', 'aria-hidden': true }));
  whenLaidOut(() => paintTables(panel, view));
}

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
function paintTables(panel, view) {
  // a canvas that is painted has got its size, after which asking for that of the next one would lay the page out again
  for (const table of panel.children) sizeOf(table);
  for (const read of view.translation?.reads ?? []) {
    const column = panel.querySelector(`[data-level="${read.level}"]`);
    const barcode = column?.querySelector('canvas.barcode');
    if (barcode) paintBarcode(/** @type {HTMLCanvasElement} */ (barcode), view, read);
    const grid = column?.querySelector('canvas.grid');
    if (grid) paintGrid(/** @type {HTMLCanvasElement} */ (grid), view, read);
  }
}

/** @param {import('./view.js').View} view @param {import('./walk.js').Read} read @param {Record<Shape, boolean>} shapes @param {number} around */
function drawTable(view, read, shapes, around) {
  const { level, index, table } = read;
  const top = level === view.levels - 1;
  if (table === null) {
    const above = view.translation?.reads.find((other) => other.table !== null && !(other.entry && isValid(other.entry.value)));
    const why = above ? `L${above.level}[${above.index}] is not valid` : `the leaf is at a higher level`;
    return h(
      'section.table.absent',
      { 'data-key': `level${level}`, 'data-level': level },
      h('header', {}, h('b', { class: `level l${level}` }, `L${level}`), ' not reached'),
      h('p.empty', {}, why),
    );
  }
  const item = `frame:${table}`;
  const pointer = read.entry && isValid(read.entry.value) && !isLeaf(read.entry.value);
  return h(
    'section.table',
    { 'data-key': `level${level}`, 'data-level': level, class: pointer ? 'on-the-way' : '' },
    h(
      'header',
      {},
      h('b', { class: `level l${level}` }, `L${level}`),
      h('button.plain', { type: 'button', 'data-item': item, class: view.marks(item), title: top ? 'satp points here' : 'the entry to the left points here' }, top ? h('span.satp', {}, 'satp ') : null, '→ ', h('code', {}, numeral(table))),
    ),
    h('p.arithmetic', { title: `frame × 4096 + index × 8: ${hex(table)} × 4096 + ${index} × 8 = ${hex(read.address ?? 0)}` }, h('code', {}, `${numeral(table)}·4096+${numeral(index)}·8`, h('wbr'), `=${numeral(read.address ?? 0)}`)),
    h('canvas.barcode', { 'data-table': table, role: 'img', 'aria-label': `all 512 entries of the L${level} table; shape "List" tells them in words` }),
    shapes.grid ? h('canvas.grid', { 'data-table': table, role: 'img', 'aria-label': `the 512 entries of the L${level} table as a grid` }) : null,
    shapes.rows ? drawRows(view, read, Math.min(Math.max(index - around, 0), ENTRIES - 2 * around - 1), 2 * around + 1) : null,
    shapes.list ? drawList(view, read) : null,
  );
}

/** @param {import('./view.js').View} view @param {import('./walk.js').Read} read @param {number} from @param {number} count */
function drawRows(view, read, from, count) {
  const rows = Array.from({ length: count }, (_, i) => drawEntry(view, read, from + i));
  return h('table.entries', ENTRIES_STOP, h('tbody', {}, ...rows));
}

/** @param {import('./view.js').View} view @param {import('./walk.js').Read} read */
function drawList(view, read) {
  const entries = view.state.table('pte');
  const valid = [];
  for (let i = 0; i < ENTRIES; i++) {
    if (i === read.index || entries.has(Number(read.table) * PAGE + i * 8)) valid.push(drawEntry(view, read, i));
  }
  return h('div.scrolling', {}, h('table.entries', ENTRIES_STOP, h('tbody', {}, ...valid)));
}

/** @param {import('./view.js').View} view @param {import('./walk.js').Read} read @param {number} index */
function drawEntry(view, read, index) {
  const address = Number(read.table) * PAGE + index * 8;
  const item = `entry:${address}`;
  const entry = view.state.table('pte').get(address);
  const kind = kindOf(entry, (va, pid) => vmaAt(view.state, va, pid));
  const here = index === read.index;
  const decides = here && (view.focus.has(item) || read === view.translation?.leaf);
  return h(
    'tr',
    { 'data-item': item, tabindex: -1, class: `${kind} ${view.marks(item)} ${here ? 'here' : ''}`, title: `entry at ${hex(address)}: ${KIND_WORDS[kind]}` },
    h('th', { scope: 'row' }, String(index)),
    h('td.glyph', {}, KIND_GLYPHS[kind]),
    h('td.flags', {}, ...markLetters(entry ? entryFlags(entry.value) : '········', (_, place) => decides && place === view.failingBit)),
    h('td.ppn', {}, entry ? (isGuard(entry.value) ? 'guard' : isSwapped(entry.value) ? h('span', { 'data-item': `slot:${slotOf(entry.value)}` }, `slot ${slotOf(entry.value)}`) : numeral(ppnOf(entry.value))) : ''),
  );
}

/** From what to what the arrows go. */
let pointed = '';

/**
 * From the entry that was chosen to what it points to; after all panels are drawn, because it asks where things stand,
 * and only where they may stand elsewhere than before.
 *
 * @param {HTMLElement} panel
 * @param {import('./view.js').View} view
 * @param {Shape} shape
 */
export function drawArrows(panel, { translation: walk }, shape) {
  const svg = panel.querySelector('.arrows');
  if (!svg || !walk) return;
  const reads = walk.reads.map(({ table, index, entry }) => `${table}[${index}]${entry && isValid(entry.value)}`);
  const { width, height } = sizeOf(panel);
  const now = `${reads} ${walk.leaf?.level} ${shape} ${width} ${height} ${innerWidth} ${numeral(4096)}`;
  if (now === pointed && svg.firstChild) return;
  pointed = now;
  const from = panel.getBoundingClientRect();
  const paths = [];
  for (const read of walk.reads) {
    if (!read.entry || !isValid(read.entry.value)) continue;
    const section = panel.querySelector(`[data-level="${read.level}"]`);
    const picture = section?.querySelector('.here') ?? section?.querySelector('canvas.grid');
    const start = picture?.getBoundingClientRect();
    const target = read === walk.leaf ? panel.querySelector('.byte header') : panel.querySelector(`[data-level="${read.level - 1}"] header`);
    const end = target?.getBoundingClientRect();
    if (!start || !end || end.left < start.right) continue;
    const columns = columnsOf(picture);
    const line = columns ? (Math.floor(read.index / columns) + 0.5) / (ENTRIES / columns) : 0.5;
    const [x1, y1] = [start.right - from.left, start.top + start.height * line - from.top];
    const [x2, y2] = [end.left - from.left - 1, end.top + end.height / 2 - from.top];
    paths.push(h('path', { d: `M${x1} ${y1} C${x1 + 14} ${y1} ${x2 - 18} ${y2} ${x2 - 4} ${y2}` }));
    paths.push(h('path.head', { d: `M${x2} ${y2} l-6 -3.5 v7z` }));
  }
  fill(svg, ...paths);
}

/** Where the walk ends: the byte, or the reason why there is none. @param {import('./view.js').View} view @param {import('./walk.js').Translation} walk */
function drawByte(view, walk) {
  if (walk.ppn === null || walk.pa === null) {
    return h('section.byte.absent', { 'data-key': 'byte' }, h('header', {}, h('b', {}, 'No frame')), h('p', {}, walk.verdict));
  }
  const frame = view.state.table('frame').get(walk.ppn);
  const item = `frame:${walk.ppn}`;
  const seen = frame && witnesses(view.state, frame, view.selection.pid, Number(walk.va & ~0xfffn));
  return h(
    'section.byte',
    { 'data-key': 'byte' },
    h(
      'header',
      {},
      h('b', {}, '→ frame '),
      h('button.frame-chip', { type: 'button', 'data-item': item, class: view.marks(item) }, h('code', {}, numeral(walk.ppn)), frame ? ` ${label(frame)}` : ''),
    ),
    h('p', { title: 'frame × 4096 + offset' }, 'byte at ', h('code', {}, numeral(walk.pa))),
    frame ? h('p.equation', {}, equation(frame)) : null,
    seen ? h('p.witnesses', {}, seen) : null,
    frame ? h('p.words', {}, words(view.state, frame)) : null,
  );
}

/** What each canvas shows. @type {WeakMap<HTMLCanvasElement, string>} */
const painted = new WeakMap();

/** Whether a canvas has to be painted for this picture. @param {HTMLCanvasElement} canvas @param {string} picture */
function isOther(canvas, picture) {
  if (painted.get(canvas) === picture) return false;
  painted.set(canvas, picture);
  return true;
}

/** @param {HTMLCanvasElement} canvas @param {import('./view.js').View} view @param {import('./walk.js').Read} read */
function paintBarcode(canvas, view, read) {
  const width = sizeOf(/** @type {Element} */ (canvas.parentElement)).width / drawnScale();
  const height = 12;
  const entries = view.state.table('pte');
  let bars = '';
  for (let i = 0; i < ENTRIES; i++) {
    const address = Number(read.table) * PAGE + i * 8;
    bars += view.changedEntries.has(address) ? 'c' : entries.has(address) ? 'e' : ' ';
  }
  if (!isOther(canvas, `${bars} ${width} ${read.index} ${colourOf('ink')} ${devicePixelRatio} ${drawnScale()}`)) return;
  const context = sharp(canvas, width, height);
  context.fillStyle = colourOf('sunken');
  context.fillRect(0, 2, width, height - 4);
  const at = (/** @type {number} */ i) => (i / ENTRIES) * width;
  for (let i = 0; i < ENTRIES; i++) {
    if (bars[i] === ' ') continue;
    context.fillStyle = colourOf(bars[i] === 'c' ? 'change' : 'ink');
    context.fillRect(at(i), 2, Math.max(1.5, at(1)), height - 4);
  }
  context.fillStyle = colourOf('select');
  const x = at(read.index + 0.5);
  context.beginPath();
  context.moveTo(x - 4, 0);
  context.lineTo(x + 4, 0);
  context.lineTo(x, 5);
  context.fill();
}

/** @param {HTMLCanvasElement} canvas @param {import('./view.js').View} view @param {import('./walk.js').Read} read */
function paintGrid(canvas, view, read) {
  const width = Math.min(WIDEST, sizeOf(/** @type {Element} */ (canvas.parentElement)).width / drawnScale());
  const columns = width < NARROW ? COLUMNS / 2 : COLUMNS;
  const cell = Math.floor((width / columns) * 2) / 2;
  const tall = width < NARROW ? cell : Math.max(cell, LOWEST);
  canvas.dataset.columns = String(columns);
  const cells = Array.from({ length: ENTRIES }, (_, i) => {
    const address = Number(read.table) * PAGE + i * 8;
    const item = `entry:${address}`;
    const entry = view.state.table('pte').get(address);
    const kind = kindOf(entry, (va, pid) => vmaAt(view.state, va, pid));
    const { a: accessed, d: dirty } = entry && isLeaf(entry.value) ? bitsOf(entry.value) : { a: false, d: false };
    return { kind, accessed, dirty, isChanged: view.changedEntries.has(address), isLit: view.lit.has(item) || view.focus.has(item) };
  });
  const picture = cells.map(({ kind, accessed, dirty, isChanged, isLit }) => `${kind}${accessed ? 'A' : ''}${dirty ? 'D' : ''}${isChanged ? '*' : ''}${isLit ? '!' : ''}`).join(' ');
  if (!isOther(canvas, `${picture} ${width} ${read.index} ${colourOf('ink')} ${devicePixelRatio} ${drawnScale()}`)) return;
  const context = sharp(canvas, cell * columns, tall * (ENTRIES / columns));
  for (const [i, one] of cells.entries()) {
    const { isChanged, isLit } = one;
    const x = (i % columns) * cell;
    const y = Math.floor(i / columns) * tall;
    paintCell(context, one, x, y, cell - 1, tall - 1);
    if (isChanged) ring(context, x, y, cell, tall, colourOf('change'), [2, 1.5]);
    if (isLit) ring(context, x, y, cell, tall, colourOf('select'), []);
    if (i === read.index) ring(context, x - 1, y - 1, cell + 2, tall + 2, colourOf('select'), []);
  }
}

/** By what an entry is; every kind has a shape of its own too. @type {Record<string, string>} */
const COLOURS = { pointer: 'muted', guard: 'muted', none: 'muted', swapped: 'muted', cow: 'p3', r: 'file', rx: 'file' };

/** @param {CanvasRenderingContext2D} context @param {Cell} cell @param {number} x @param {number} y @param {number} w @param {number} tall */
function paintCell(context, { kind, accessed, dirty }, x, y, w, tall) {
  context.fillStyle = colourOf('sunken');
  context.fillRect(x, y, w, tall);
  if (kind === 'empty') return;
  context.fillStyle = colourOf(COLOURS[kind] ?? 'p1');
  context.beginPath();
  if (kind === 'pointer') {
    context.moveTo(x, y);
    context.lineTo(x + w, y + tall / 2);
    context.lineTo(x, y + tall);
  } else if (kind === 'cow') {
    context.moveTo(x, y);
    context.lineTo(x + w, y + tall);
    context.lineTo(x, y + tall);
  } else if (kind === 'r') {
    context.rect(x, y + tall / 2, w, tall / 2);
  } else if (kind === 'rx') {
    context.rect(x + w / 2, y, w / 2, tall);
  } else if (kind === 'swapped') {
    context.rect(x, y + tall - 2, w, 2);
  } else {
    context.rect(x, y, w, tall);
    // not a page that is there and small: the middle stays open
    if (kind !== 'rw' && kind !== 'rwx') context.rect(x + 1, y + 1.5, w - 2, tall - 3);
  }
  context.fill('evenodd');
  // the ticks: A on the left, D on the right
  context.fillStyle = colourOf('ink');
  if (accessed) context.fillRect(x, y, w / 2 - 0.5, 1.5);
  if (dirty) context.fillRect(x + w / 2, y, w / 2, 1.5);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} w @param {number} tall @param {string} colour @param {number[]} dash */
function ring(context, x, y, w, tall, colour, dash) {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.strokeRect(x + 0.25, y + 0.25, w - 1, tall - 1);
  context.setLineDash([]);
}

/** Of a grid; 0 of anything else. @param {?Element|undefined} picture */
const columnsOf = (picture) => Number((picture instanceof HTMLElement && picture.dataset.columns) || 0);

/** The item under the pointer on one of the canvases. @param {PointerEvent|MouseEvent} event @returns {?string} */
export function entryUnder(event) {
  const canvas = event.target;
  if (!(canvas instanceof HTMLCanvasElement) || !canvas.dataset.table) return null;
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
  const columns = columnsOf(canvas);
  const index = columns ? Math.floor(y * (ENTRIES / columns)) * columns + Math.floor(x * columns) : Math.floor(x * ENTRIES);
  return index >= 0 && index < ENTRIES ? `entry:${Number(canvas.dataset.table) * PAGE + index * 8}` : null;
}
