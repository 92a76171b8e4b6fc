/**
 * Processes and their VMAs: one strip for each process, all on the same axis of addresses with the gaps folded, and
 * below it the lines of `/proc/pid/maps`. A cell in a strip is a page; it is filled once a frame stands behind it.
 */
import { sizeOf } from './box-size.js';
import { fill, h, lazy } from './dom.js';
import { drawnScale } from './palette.js';
import { counted, hex } from './schema.js';
import { axis, conditionOf, frameOf, hasEnded, kib, leavesByProcess, mapsLine, pagesOf, sizes, slotsByProcess, vmasByProcess } from './spaces.js';
import { label, letter, colour, processColour } from './owners.js';
import { PAGE } from './walk.js';
import { vaItem } from './selection.js';

const HEIGHT = 30;
const MOST_CELLS = 64;
/** Pages that would be narrower stand for each other, so that a strip never has more parts than its pixels can tell. */
const NARROWEST = 3;
/** @type {Map<number, number>} */
const NO_SLOTS = new Map();

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawProcesses(panel, view) {
  const width = Math.max(120, sizeOf(panel).width - 22) / drawnScale();
  const processes = view.state.rows('process').sort((a, b) => a.pid - b.pid);
  if (processes.length === 0) {
    fill(panel, h('p.empty', {}, 'No process yet. ', h('span.how', {}, 'Spawn one above: it gets a root table, and nothing else.')));
    return;
  }
  fill(panel, ...processes.map((process) => drawProcess(view, process, width)));
}

/** @param {import('./view.js').View} view @param {any} process @param {number} width */
function drawProcess(view, process, width) {
  const { state, schema } = view;
  const { vsz, rss, pss, uss, tables } = sizes(state, process.pid);
  const vmas = vmasByProcess(state).get(process.pid) ?? [];
  const item = `process:${process.pid}`;
  const word = conditionOf(schema, process);
  return h(
    'section.process',
    { 'data-key': item, class: processColour(process.pid) },
    h(
      'header.process-head',
      { 'data-item': item, class: view.marks(item) },
      h('b.badge', { class: processColour(process.pid) }, `P${process.pid}`),
      h('span.name', {}, state.text(process.name)),
      word && word !== 'running' ? h('span.tag', {}, word) : null,
    ),
    h(
      'p.sizes',
      {},
      drawSize(view, process, 'vsz', kib(vsz), 'virtual size: what is mapped'),
      drawSize(view, process, 'rss', kib(rss), 'resident set: what of it has a frame'),
      drawSize(view, process, 'pss', kib(pss), 'proportional set: each frame counts by its share, divided by all who map it'),
      drawSize(view, process, 'uss', kib(uss), 'unique set: frames that nobody else maps, which its end would free'),
    ),
    h(
      'p.sizes',
      {},
      drawSize(view, process, 'tables', `${tables} = ${kib(tables * PAGE)}`, 'frames that hold its page tables'),
      h('span.fact', { title: `2^${9 * view.levels} entries of 8 bytes, one for each page of the address space` }, `a flat table: ${kib(8 * 2 ** (9 * view.levels))}`),
    ),
    vmas.length ? drawStrip(view, process, width) : drawNothing(hasEnded(schema, process)),
    h('ol.vmas', {}, ...vmas.map((vma) => drawVma(view, vma))),
    drawDescriptors(view, process),
  );
}

/** @param {boolean} isOver */
const drawNothing = (isOver) =>
  isOver ? h('p.empty', {}, 'It has ended, and its memory was given back.') : h('p.empty', {}, 'Nothing is mapped yet. ', h('span.how', {}, 'mmap, above, makes a VMA: a promise, and no frame.'));

/** A number that lights up the frames, or VMAs, that count for it. @param {import('./view.js').View} view @param {any} process @param {string} size @param {string} value @param {string} meaning */
function drawSize(view, process, size, value, meaning) {
  const item = `${size}:${process.pid}`;
  const name = size === 'tables' ? 'page tables' : size.toUpperCase();
  return h('button.plain.size', { type: 'button', 'data-item': item, class: view.marks(item), title: `${meaning}; point at it to see them` }, `${name} `, h('b', {}, value));
}

/** @param {import('./view.js').View} view @param {any} process */
function drawDescriptors(view, process) {
  const { state, schema } = view;
  const rows = state.rows('descriptor').filter((row) => row.pid === process.pid).sort((a, b) => a.fd - b.fd);
  if (rows.length === 0) return null;
  const access = schema.tables[schema.ordinal('descriptor')].columns.find((column) => column.name === 'access')?.format;
  return h(
    'ul.descriptors',
    { 'aria-label': 'open descriptors' },
    ...rows.map((row) => h('li', {}, h('code', {}, `fd ${row.fd}`), ` ${state.text(row.path)} ${access?.symbols?.[row.access] ?? ''}`)),
  );
}

/** @param {import('./view.js').View} view @param {any} vma */
const slotsOf = (view, vma) => slotsByProcess(view.state).get(vma.pid) ?? NO_SLOTS;

/** @param {import('./view.js').View} view @param {any} vma */
function drawVma(view, vma) {
  const line = mapsLine(view.state, vma);
  const item = `vma:${vma.vma}`;
  const bytes = Number(vma.end) - Number(vma.start);
  const { resident, swapped } = pagesOf(view.state, vma);
  return h(
    'li',
    { 'data-key': item },
    h(
      'button.vma',
      { type: 'button', 'data-item': item, class: view.marks(item), title: 'Show the translation of its first address' },
      h('code', {}, `${line.range} ${line.prot} ${line.offset}`),
      h('span.vma-path', {}, line.path || (line.inode ? `inode ${line.inode}` : '(anonymous)')),
      h('span.vma-size', {}, `${resident} of ${counted(Math.ceil(bytes / PAGE), 'page', 'pages')}${swapped ? `, ${swapped} in swap` : ''}`),
    ),
  );
}

/** @param {import('./view.js').View} view @param {any} process @param {number} width */
function drawStrip(view, process, width) {
  const stretches = axis(view.state);
  const vmas = vmasByProcess(view.state).get(process.pid) ?? [];
  const isMarked = view.markedPages(process.pid);
  return h(
    'svg.strip',
    {
      width: width * drawnScale(),
      height: HEIGHT * drawnScale(),
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: 'group',
      tabindex: 0,
      'aria-label': `${counted(vmas.length, 'VMA', 'VMAs')} of P${process.pid} by address: arrow keys go through the pages; the list below tells the same`,
    },
    ...stretches.map((stretch) => {
      const x = stretch.x * width;
      const w = Math.max(1, stretch.width * width);
      const vma = vmas.find((candidate) => candidate.start < stretch.end && candidate.end > stretch.start);
      if (stretch.gap) return drawGap(stretch, x, w);
      return vma ? drawStretch(view, vma, isMarked, stretch, x, w) : h('line.hole', { x1: x, x2: x + w, y1: 15, y2: 15 });
    }),
  );
}

/** @param {import('./spaces.js').Stretch} stretch @param {number} x @param {number} w */
function drawGap(stretch, x, w) {
  const middle = x + w / 2;
  return h(
    'g.gap',
    {},
    h('title', {}, `nothing mapped from ${hex(stretch.start)} to ${hex(stretch.end)} (${kib(stretch.end - stretch.start)})`),
    h('rect', { x, y: 4, width: w, height: 22 }),
    h('path', { d: `M${middle - 3} 22 l2 -14 M${middle + 1} 22 l2 -14` }),
  );
}

/** @param {import('./view.js').View} view @param {any} vma @param {(va: number) => boolean} isMarked @param {import('./spaces.js').Stretch} stretch @param {number} x @param {number} w */
function drawStretch(view, vma, isMarked, stretch, x, w) {
  const leaves = leavesByProcess(view.state).get(vma.pid) ?? new Map();
  const slots = slotsOf(view, vma);
  const pages = (stretch.end - stretch.start) / PAGE;
  const item = `vma:${vma.vma}`;
  const cells = [];
  const cell = w / pages;
  if (pages <= MOST_CELLS) {
    for (let i = 0; i < pages; i++) {
      cells.push(drawPage(view, vma, stretch.start + i * PAGE, leaves, slots, isMarked(stretch.start + i * PAGE), x + i * cell, cell));
    }
  } else {
    const group = Math.max(1, Math.ceil(NARROWEST / cell));
    for (const [column, va] of columns(isMarked, leaves, slots, stretch, group)) {
      cells.push(drawPage(view, vma, va, leaves, slots, isMarked(va), x + column * group * cell, group * cell));
    }
  }
  return h(
    'g.stretch',
    {},
    h('rect.vma-box', { x: x + 0.5, y: 2.5, width: Math.max(1, w - 1), height: HEIGHT - 5, 'data-item': item, class: view.marks(item) }),
    ...cells,
  );
}

/** The page that is drawn for each group of so many: the first that is marked, else the first that has a frame, else one in swap. @param {(va: number) => boolean} isMarked @param {Map<number, any>} leaves @param {Map<number, number>} slots @param {import('./spaces.js').Stretch} stretch @param {number} group */
function columns(isMarked, leaves, slots, stretch, group) {
  /** @type {Map<number, number>} */
  const shown = new Map();
  const marked = new Set();
  for (const va of slots.size ? [...leaves.keys(), ...slots.keys()] : leaves.keys()) {
    if (va < stretch.start || va >= stretch.end) continue;
    const column = Math.floor((va - stretch.start) / PAGE / group);
    if (marked.has(column)) continue;
    const wanted = isMarked(va);
    if (wanted) marked.add(column);
    if (wanted || !shown.has(column)) shown.set(column, va);
  }
  return shown;
}

/** @param {import('./view.js').View} view @param {any} vma @param {number} va @param {Map<number, any>} leaves @param {Map<number, number>} slots @param {boolean} isMarked @param {number} x @param {number} w */
function drawPage(view, vma, va, leaves, slots, isMarked, x, w) {
  const entry = leaves.get(va);
  const frame = entry ? view.state.table('frame').get(frameOf(entry, va)) : null;
  const shown = view.selection.pid === vma.pid && view.translation !== null && (view.translation.va & ~0xfffn) === BigInt(va);
  const marks = isMarked ? view.marks(vaItem(vma.pid, va)) : '';
  const name = frame ? label(frame) : '';
  const slot = frame ? undefined : slots.get(va);
  return lazy('g', [vma.pid, va, frame?.ppn, name, slot, marks, shown, x, w], () => describePage(vma, va, frame, slot, `${marks} ${shown ? 'shown' : ''}`.trim(), x, w));
}

/** @param {any} vma @param {number} va @param {any} frame @param {number|undefined} slot @param {string} marks @param {number} x @param {number} w */
function describePage(vma, va, frame, slot, marks, x, w) {
  const words = frame ? `frame ${hex(frame.ppn)} (${label(frame)})` : slot === undefined ? 'no frame' : `in swap slot ${slot}`;
  const inset = w < 6 ? 0 : 1;
  return h(
    'g.page',
    { 'data-item': vaItem(vma.pid, va), role: 'img', tabindex: -1, 'aria-label': `page ${hex(va)}: ${words}`, class: marks },
    h('title', {}, `${hex(va)}: ${words}`),
    h('rect', { x: x + inset, y: 5, width: w - 2 * inset, height: HEIGHT - 10, class: frame ? `full ${colour(frame)}` : 'void' }),
    slot === undefined ? null : h('rect', { x: x + inset, y: HEIGHT / 2, width: w - 2 * inset, height: HEIGHT / 2 - 5, class: `full ${processColour(vma.pid)}` }),
    frame && w >= 11 ? h('text', { x: x + w / 2, y: HEIGHT / 2 + 4 }, letter(frame)) : null,
  );
}
