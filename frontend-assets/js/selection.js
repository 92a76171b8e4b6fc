/**
 * The one selection that all panels share. An item is a short string: `va:PID:PAGE`, `entry:ADDRESS`, `frame:PPN`,
 * `page:INODE:N`, `vma:NUMBER`, `tlb:ROW` or `process:PID`. Hovering lights up whatever belongs to the item, a click
 * keeps it lit, Esc lets go. Beside it stands the address whose translation is shown.
 */
import { copiesByPage, entriesByFrame, isCopy } from './owners.js';
import { countedFrames, leavesByProcess, tableFrames, vmaAt, vmasByProcess } from './spaces.js';
import { PAGE, isLeaf, isSwapped, levelsOf, pageOf, ppnOf, slotOf, translate } from './walk.js';

export class Selection extends EventTarget {
  constructor() {
    super();
    /** @type {?string} */
    this.hovered = null;
    /** @type {?string} */
    this.pinned = null;
    /** The process and address whose translation is shown. */
    this.pid = 0;
    this.va = 0n;
    /** True when operations must not move the shown address. */
    this.held = false;
  }

  get item() {
    return this.hovered ?? this.pinned;
  }

  /** @param {?string} item */
  hover(item) {
    if (item === this.hovered) return;
    this.hovered = item;
    this.dispatchEvent(new Event('highlight'));
  }

  /** @param {?string} item */
  pin(item) {
    this.pinned = item === this.pinned ? null : item;
    this.dispatchEvent(new Event('highlight'));
  }

  clear() {
    this.pinned = null;
    this.hovered = null;
    this.dispatchEvent(new Event('highlight'));
  }

  /** @param {number} pid @param {bigint} va */
  show(pid, va) {
    this.pid = pid;
    this.va = va;
    this.dispatchEvent(new Event('address'));
  }

  /** @param {boolean} held */
  hold(held) {
    this.held = held;
    this.dispatchEvent(new Event('address'));
  }
}

/** @param {number} pid @param {any} va */
export function vaItem(pid, va) {
  const page = typeof va === 'number' && va >= 0 ? va - (va % PAGE) : pageOf(va);
  return `va:${pid}:${page.toString(16)}`;
}

/** @param {string} item @returns {{kind: string, parts: string[]}} */
export function parse(item) {
  const [kind, ...parts] = item.split(':');
  return { kind, parts };
}

/**
 * Every item that belongs to one of `items`: the page, the entries that translate it, the frame, the file page, the
 * TLB rows.
 *
 * @param {import('./state.js').State} state
 * @param {any} info
 * @param {Iterable<string>} items
 * @returns {Set<string>}
 */
export function related(state, info, items) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const item of items) {
    found.add(item);
    const { kind, parts } = parse(item);
    if (kind === 'va') ofPage(state, info, Number(parts[0]), BigInt('0x' + parts[1]), found);
    else if (kind === 'entry') ofEntry(state, Number(parts[0]), found);
    else if (kind === 'frame') ofFrame(state, Number(parts[0]), found);
    else if (kind === 'page') ofFilePage(state, Number(parts[0]), Number(parts[1]), found);
    else if (kind === 'tlb') ofTlbRow(state, Number(parts[0]), found);
    else if (kind === 'slot') for (const entry of entriesOfSlot(state, Number(parts[0]))) found.add(`entry:${entry.address}`);
    else if (SIZES.has(kind)) ofSize(state, kind, Number(parts[0]), found);
    else if (kind === 'process') found.add(`process:${parts[0]}`);
  }
  return found;
}

/** Sizes of a process that are selected as the frames, or the VMAs, that count for them. */
const SIZES = new Set(['vsz', 'rss', 'pss', 'uss', 'tables']);

/** @param {import('./state.js').State} state @param {string} size @param {number} pid @param {Set<string>} found */
function ofSize(state, size, pid, found) {
  if (size === 'vsz') for (const vma of vmasByProcess(state).get(pid) ?? []) found.add(`vma:${vma.vma}`);
  else if (size === 'tables') for (const ppn of tableFrames(state, pid)) found.add(`frame:${ppn}`);
  else for (const [ppn, mappings] of countedFrames(state, pid)) if (size !== 'uss' || mappings === 1) found.add(`frame:${ppn}`);
}

/** The entries of pages that are swapped out to a slot. @param {import('./state.js').State} state @param {number} slot */
const entriesOfSlot = (state, slot) => state.rows('pte').filter((entry) => isSwapped(entry.value) && slotOf(entry.value) === slot);

/** @param {import('./state.js').State} state @param {any} info @param {number} pid @param {bigint} va @param {Set<string>} found */
function ofPage(state, info, pid, va, found) {
  const process = state.table('process').get(pid);
  if (!process) return;
  const walk = translate(state, Number(process.root), va, levelsOf(info));
  if (walk.leaf) {
    found.add(`entry:${walk.leaf.address}`);
    if (walk.ppn !== null) nameFrame(state, walk.ppn, found);
  }
  const vma = vmaAt(state, Number(va), pid);
  if (vma) {
    found.add(`vma:${vma.vma}`);
    if (Number(vma.inode) > 0) {
      found.add(`page:${vma.inode}:${(Number(vma.offset) + Number(va) - Number(vma.start)) / PAGE}`);
    }
  }
  for (const row of state.table('tlb').values()) {
    if (row.asid === process.asid && pageOf(row.va) === va) found.add(`tlb:${row.row}`);
  }
}

/** A frame, its file page and the place it was copied from. @param {import('./state.js').State} state @param {number} ppn @param {Set<string>} found */
function nameFrame(state, ppn, found) {
  found.add(`frame:${ppn}`);
  const frame = state.table('frame').get(ppn);
  if (frame && Number(frame.inode) > 0) found.add(`page:${frame.inode}:${frame.page}`);
}

/** @param {import('./state.js').State} state @param {number} address @param {Set<string>} found */
function ofEntry(state, address, found) {
  found.add(`frame:${Math.floor(address / PAGE)}`);
  const entry = state.table('pte').get(address);
  if (!entry) return;
  found.add(`frame:${ppnOf(entry.value)}`);
  if (isLeaf(entry.value)) found.add(vaItem(entry.pid, entry.va));
  for (const row of state.table('tlb').values()) if (row.entry === address) found.add(`tlb:${row.row}`);
}

/** @param {import('./state.js').State} state @param {number} ppn @param {Set<string>} found */
function ofFrame(state, ppn, found) {
  nameFrame(state, ppn, found);
  const frame = state.table('frame').get(ppn);
  if (frame && isCopy(frame) && Number(frame.origin) > 0) found.add(`frame:${frame.origin}`);
  for (const entry of entriesByFrame(state).get(ppn) ?? []) {
    found.add(`entry:${entry.address}`);
    if (isLeaf(entry.value)) found.add(vaItem(entry.pid, entry.va));
  }
  for (const row of state.table('tlb').values()) if (Number(row.ppn) === ppn) found.add(`tlb:${row.row}`);
}

/** @param {import('./state.js').State} state @param {number} inode @param {number} page @param {Set<string>} found */
function ofFilePage(state, inode, page, found) {
  for (const row of state.table('cached_page').values()) {
    if (row.inode === inode && row.page === page) ofFrame(state, Number(row.ppn), found);
  }
  for (const copy of copiesByPage(state).get(`${inode}:${page}`) ?? []) found.add(`frame:${copy.ppn}`);
  for (const [pid, vmas] of vmasByProcess(state)) {
    for (const vma of vmas) {
      if (Number(vma.inode) !== inode) continue;
      const va = Number(vma.start) + page * PAGE - Number(vma.offset);
      if (va >= vma.start && va < vma.end) {
        found.add(vaItem(pid, va));
        const entry = leavesByProcess(state).get(pid)?.get(va);
        if (entry) found.add(`entry:${entry.address}`);
      }
    }
  }
}

/** @param {import('./state.js').State} state @param {number} number @param {Set<string>} found */
function ofTlbRow(state, number, found) {
  const row = state.table('tlb').get(number);
  if (!row) return;
  found.add(`frame:${row.ppn}`);
  found.add(`entry:${row.entry}`);
  for (const process of state.table('process').values()) {
    if (process.asid === row.asid) found.add(vaItem(process.pid, row.va));
  }
}
