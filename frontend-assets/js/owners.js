/**
 * Who refers to a frame, and how a frame is named on the map: a letter for its kind (T table, A anonymous, C private
 * copy, F file page, Z zero page) and a number for its owner (a process, or a file's inode).
 */
import { derived, LEADS } from './state.js';
import { PAGE, isGuard, isLeaf, isResident, isSwapped, ppnOf } from './walk.js';
import { hex } from './schema.js';

export const ZERO = 0;
export const TABLE = 1;
export const ANONYMOUS = 2;
export const FILE = 3;
/** Frames that a leaf of level 1 maps. */
const SUPERPAGE = 512;

/** Table entries by the frame that they name. */
export const entriesByFrame = derived([LEADS], (state) => {
  /** @type {Map<number, import('./state.js').Row[]>} */
  const entries = new Map();
  for (const entry of state.table('pte').values()) {
    if (isSwapped(entry.value) || isGuard(entry.value)) continue;
    const ppn = ppnOf(entry.value);
    const others = entries.get(ppn);
    if (others) others.push(entry);
    else entries.set(ppn, [entry]);
  }
  return entries;
});

/** Private copies by the file page they were copied from, as `inode:page`. */
export const copiesByPage = derived(['frame'], (state) => {
  /** @type {Map<string, import('./state.js').Row[]>} */
  const copies = new Map();
  for (const frame of state.table('frame').values()) {
    if (!isCopy(frame)) continue;
    const page = `${frame.inode}:${frame.page}`;
    const others = copies.get(page);
    if (others) others.push(frame);
    else copies.set(page, [frame]);
  }
  return copies;
});

/** @param {import('./state.js').Row} frame */
export const isCopy = (frame) => frame.kind === ANONYMOUS && Number(frame.inode) > 0;

/** The letter of a frame's kind. @param {import('./state.js').Row} frame */
export function letter(frame) {
  if (frame.kind === TABLE) return 'T';
  if (frame.kind === FILE) return 'F';
  if (frame.kind === ZERO) return 'Z';
  return isCopy(frame) ? 'C' : 'A';
}

/** The letter with the owner's number. @param {import('./state.js').Row} frame */
export function label(frame) {
  const owner = frame.kind === FILE ? frame.inode : frame.kind === ZERO ? '' : frame.pid;
  return letter(frame) + (Number(owner) > 0 ? owner : '');
}

/** The colour's name: `p1` to `p6` for processes in turn, `file`, `zero`. @param {import('./state.js').Row} frame */
export function colour(frame) {
  if (frame.kind === FILE) return 'file';
  if (frame.kind === ZERO) return 'zero';
  return processColour(frame.pid);
}

/** @param {number} pid */
export const processColour = (pid) => (pid > 0 ? `p${((Number(pid) - 1) % 6) + 1}` : 'zero');

/** What a frame holds, in words. @param {import('./state.js').State} state @param {import('./state.js').Row} frame */
export function words(state, frame) {
  const file = state.table('file').get(frame.inode);
  const path = file ? state.text(file.path) : `inode ${frame.inode}`;
  switch (letter(frame)) {
    case 'T':
      return `page table of P${frame.pid}`;
    case 'F':
      return `page ${frame.page} of ${path} in the page cache`;
    case 'Z':
      return 'the zero page, shared by all';
    case 'C':
      return `private copy of P${frame.pid}, copied from page ${frame.page} of ${path}${
        Number(frame.origin) > 0 ? ` (frame ${hex(frame.origin)})` : ''
      }`;
    default:
      return `anonymous memory of P${frame.pid}`;
  }
}

/** `refs = mappings + cache + pins (+ parent)`, with the numbers. @param {import('./state.js').Row} frame */
export function equation(frame) {
  const terms = [
    ['mapping', 'mappings', Number(frame.mappings)],
    ['cache', 'cache', Number(frame.cached)],
    ['pin', 'pins', Number(frame.pins)],
    ['parent', 'parent', Number(frame.parent)],
  ].filter(([, , n]) => Number(n) > 0);
  const sum = terms.map(([one, many, n]) => `${n} ${n === 1 ? one : many}`).join(' + ') || '0';
  return `refs ${frame.refs} ${addsUp(frame) ? '=' : '≠'} ${sum}`;
}

/** Whether a frame's references are those who refer to it. @param {import('./state.js').Row} frame */
export const addsUp = ({ refs, mappings, cached, pins, parent }) => Number(refs) === [mappings, cached, pins, parent].reduce((sum, some) => sum + Number(some), 0);

/** The leaves that lead to a frame: entries of its own, or of a superpage around it. @param {import('./state.js').State} state @param {number} ppn */
function leavesOf(state, ppn) {
  const entries = entriesByFrame(state);
  const first = ppn - (ppn % SUPERPAGE);
  const around = first === ppn ? [] : (entries.get(first) ?? []).filter((entry) => entry.level > 0);
  return [...(entries.get(ppn) ?? []), ...around].filter((entry) => isResident(entry.value));
}

/** The processes that map a frame, one for each mapping. @param {import('./state.js').State} state @param {import('./state.js').Row} frame */
export function mappers(state, frame) {
  return frame.kind === TABLE ? [] : leavesOf(state, Number(frame.ppn)).map((entry) => Number(entry.pid));
}

/** Of the places where a byte is seen. */
const MOST_PLACES = 3;

/**
 * Who else sees what is written to a page: other pages that lead to its frame, and whoever reads the file.
 *
 * @param {import('./state.js').State} state
 * @param {import('./state.js').Row} frame
 * @param {number} pid
 * @param {number} page the address from which it is looked at
 */
export function witnesses(state, frame, pid, page) {
  if (frame.kind === TABLE || frame.kind === ZERO) return '';
  const ppn = Number(frame.ppn);
  const others = leavesOf(state, ppn)
    .filter((entry) => isLeaf(entry.value))
    .map((entry) => ({ pid: Number(entry.pid), va: Number(entry.va) + (ppn - ppnOf(entry.value)) * PAGE }))
    .filter((other) => other.pid !== pid || other.va !== page)
    .sort((a, b) => a.pid - b.pid || a.va - b.va);
  const places = others.slice(0, MOST_PLACES).map((other) => `P${other.pid} at ${hex(other.va)}`);
  if (others.length > MOST_PLACES) places.push(`${others.length - MOST_PLACES} more`);
  if (Number(frame.cached)) places.push('reads of the file');
  return places.length ? `also seen by ${places.join(', ')}` : 'nobody else sees it';
}
