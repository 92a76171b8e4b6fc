/**
 * Address spaces: the VMAs of each process, how much is mapped (VSZ) and how much of that has a frame (RSS), and the
 * one axis on which all processes are drawn, with the empty stretches folded.
 */
import { below } from './history.js';
import { derived, LEADS } from './state.js';
import { PAGE, isResident, isSwapped, ppnOf, slotOf } from './walk.js';
import { protection } from './schema.js';

/** VMAs of each process in the order of their addresses. */
export const vmasByProcess = derived(['process', 'vma'], (state) => {
  /** @type {Map<number, import('./state.js').Row[]>} */
  const spaces = new Map(state.rows('process').map((process) => [process.pid, []]));
  for (const vma of state.rows('vma')) spaces.get(vma.pid)?.push(vma);
  for (const vmas of spaces.values()) vmas.sort((a, b) => Number(a.start) - Number(b.start));
  return spaces;
});

/** Entries of user pages that have a frame, by process and first address of the page; a superpage's stands for all of its pages. */
export const leavesByProcess = derived([LEADS], (state) => {
  /** @type {Map<number, Map<number, import('./state.js').Row>>} */
  const leaves = new Map();
  for (const entry of state.table('pte').values()) {
    if (!isResident(entry.value)) continue;
    let own = leaves.get(entry.pid);
    if (!own) leaves.set(entry.pid, (own = new Map()));
    const va = Number(entry.va);
    const end = va + (entry.level ? PAGE * 512 ** entry.level : PAGE);
    for (let page = va; page < end; page += PAGE) {
      // while a superpage is split its small entries are there already, and the MMU does not come to them
      const other = own.get(page);
      if (!other || other.level <= entry.level) own.set(page, entry);
    }
  }
  return leaves;
});

/** The slots of pages that are swapped out, by process and address. */
export const slotsByProcess = derived(['swap_slot', LEADS], (state) => {
  /** @type {Map<number, Map<number, number>>} */
  const slots = new Map();
  if (state.table('swap_slot').size === 0) return slots;
  for (const entry of state.table('pte').values()) {
    if (!isSwapped(entry.value)) continue;
    let own = slots.get(entry.pid);
    if (!own) slots.set(entry.pid, (own = new Map()));
    own.set(Number(entry.va), slotOf(entry.value));
  }
  return slots;
});

/** The frame that an entry gives to a page. @param {import('./state.js').Row} entry @param {number} va */
export const frameOf = (entry, va) => ppnOf(entry.value) + (va - Number(entry.va)) / PAGE;

/** What a process is doing: running, sleeping, stopped, exited or killed. @param {import('./schema.js').Schema} schema @param {import('./state.js').Row} process */
export function conditionOf(schema, process) {
  const { format } = schema.tables[schema.ordinal('process')].columns.find(({ name }) => name === 'state') ?? {};
  return format?.symbols?.[process.state] ?? '';
}

/** @param {import('./schema.js').Schema} schema @param {import('./state.js').Row} process */
export const hasEnded = (schema, process) => ['exited', 'killed'].includes(conditionOf(schema, process));

/** @param {import('./state.js').State} state @param {any} va @param {number} pid */
export function vmaAt(state, va, pid) {
  return vmasByProcess(state).get(pid)?.find((vma) => va >= vma.start && va < vma.end) ?? null;
}

/** The frames that count for a process, by how many mappings each has; the zero page is nobody's. @param {import('./state.js').State} state @param {number} pid @returns {Map<number, number>} */
export function countedFrames(state, pid) {
  /** @type {Map<number, number>} */
  const counted = new Map();
  const frames = state.table('frame');
  for (const [va, entry] of leavesByProcess(state).get(pid) ?? []) {
    const frame = frames.get(frameOf(entry, va));
    if (frame && frame.kind !== 0) counted.set(Number(frame.ppn), Number(frame.mappings));
  }
  return counted;
}

const tableFramesByProcess = derived(['frame'], (state) => {
  /** @type {Map<number, number[]>} */
  const frames = new Map();
  for (const { kind, pid, ppn } of state.table('frame').values()) {
    if (kind !== 1) continue;
    const own = frames.get(pid);
    if (own) own.push(Number(ppn));
    else frames.set(pid, [Number(ppn)]);
  }
  return frames;
});

/** The frames that hold the page tables of a process. @param {import('./state.js').State} state @param {number} pid */
export const tableFrames = (state, pid) => tableFramesByProcess(state).get(pid) ?? [];

/** What counts of a process's pages: their addresses in order, and what their frames come to. As in Linux, the shared zero page is nobody's memory. */
export const countedPages = derived([LEADS, 'frame'], (state) => {
  /** @type {Map<number, {pages: Float64Array, pss: number, uss: number}>} */
  const counted = new Map();
  const frames = state.table('frame');
  for (const [pid, leaves] of leavesByProcess(state)) {
    const pages = new Float64Array(leaves.size);
    let [count, pss, uss, last] = [0, 0, 0, -1];
    let isInOrder = true;
    const shared = new Set();
    for (const [va, entry] of leaves) {
      const frame = frames.get(frameOf(entry, va));
      if (frame?.kind === 0) continue;
      pages[count++] = va;
      isInOrder &&= va > last;
      last = va;
      // a process may map one more than once, and has it once
      if (!frame || shared.has(frame.ppn)) continue;
      if (frame.mappings === 1) uss += PAGE;
      else shared.add(frame.ppn);
      pss += PAGE / Math.max(1, Number(frame.mappings));
    }
    const own = pages.subarray(0, count);
    counted.set(pid, { pages: isInOrder ? own : own.sort(), pss, uss });
  }
  return counted;
});

/**
 * What of each VMA's pages is where, by its number, and how much counts for each process.
 *
 * @typedef {{resident: number, swapped: number}} Pages of which there are so many
 * @typedef {{vsz: number, rss: number, pss: number, uss: number, tables: number}} Sizes in bytes: PSS counts a frame by its share, USS those that nobody else maps; tables are counted
 */
const memory = derived(['process', 'vma', LEADS, 'frame', 'swap_slot'], (state) => {
  /** @type {Map<number, Pages>} */
  const pagesByVma = new Map();
  /** @type {Map<number, Sizes>} */
  const sizesByProcess = new Map();
  for (const [pid, vmas] of vmasByProcess(state)) {
    const { pages = [], pss = 0, uss = 0 } = countedPages(state).get(pid) ?? {};
    const inSwap = Float64Array.from(slotsByProcess(state).get(pid)?.keys() ?? []).sort();
    let [vsz, rss] = [0, 0];
    for (const { vma, start, end } of vmas) {
      const among = (/** @type {ArrayLike<number>} */ addresses) => below(addresses, Number(end)) - below(addresses, Number(start));
      const resident = among(pages);
      pagesByVma.set(vma, { resident, swapped: among(inSwap) });
      vsz += Number(end) - Number(start);
      rss += resident * PAGE;
    }
    sizesByProcess.set(pid, { vsz, rss, pss, uss, tables: tableFrames(state, pid).length });
  }
  return { pagesByVma, sizesByProcess };
});

/** @param {import('./state.js').State} state @param {import('./state.js').Row} vma @returns {Pages} */
export const pagesOf = (state, vma) => memory(state).pagesByVma.get(vma.vma) ?? { resident: 0, swapped: 0 };

/** @param {import('./state.js').State} state @param {number} pid @returns {Sizes} */
export const sizes = (state, pid) => memory(state).sizesByProcess.get(pid) ?? { vsz: 0, rss: 0, pss: 0, uss: 0, tables: 0 };

/** @param {number} bytes */
export function kib(bytes) {
  if (bytes < 1024 * 1024) return `${bytes / 1024} KiB`.replace(/(\.\d)\d*/, '$1');
  const units = ['MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes / 1024;
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A line of `/proc/pid/maps`, in its parts. @param {import('./state.js').State} state @param {import('./state.js').Row} vma */
export function mapsLine(state, vma) {
  const plain = (/** @type {any} */ value) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(8, '0');
  return {
    range: `${plain(vma.start)}-${plain(vma.end)}`,
    prot: protection(vma.prot) + (vma.sharing === 1 ? 's' : 'p'),
    offset: Number(vma.offset).toString(16).padStart(8, '0'),
    inode: Number(vma.inode),
    path: state.text(vma.path),
  };
}

/**
 * The axis on which every strip is drawn: the stretches between any two borders of any VMA, each as wide as its page
 * count suggests, and every empty stretch folded to the same small width.
 *
 * @typedef {{start: number, end: number, gap: boolean, x: number, width: number}} Stretch
 */
export const axis = derived(['process', 'vma'], (state) => {
  const borders = new Set();
  for (const vmas of vmasByProcess(state).values()) {
    for (const vma of vmas) borders.add(Number(vma.start)).add(Number(vma.end));
  }
  const sorted = [...borders].sort((a, b) => a - b);
  const all = [...vmasByProcess(state).values()].flat();
  /** @type {Stretch[]} */
  const stretches = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [start, end] = [sorted[i], sorted[i + 1]];
    const gap = !all.some((vma) => vma.start < end && vma.end > start);
    const pages = (end - start) / PAGE;
    const width = gap ? 1.2 : pages <= 16 ? pages : 16 + 2 * Math.log2(pages / 16);
    stretches.push({ start, end, gap, x: 0, width });
  }
  const total = stretches.reduce((sum, stretch) => sum + stretch.width, 0) || 1;
  let x = 0;
  for (const stretch of stretches) {
    stretch.x = x / total;
    stretch.width /= total;
    x += stretch.width * total;
  }
  return stretches;
});
