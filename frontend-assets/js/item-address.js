/** The address that an item of the selection stands for. */
import { entriesByFrame } from './owners.js';
import { parse } from './selection.js';
import { isLeaf, unsigned } from './walk.js';

/**
 * @param {import('./state.js').State} state
 * @param {string} item
 * @param {import('./selection.js').Selection} selection what has no process of its own stays in the one that is shown
 * @returns {?{pid: number, va: bigint}}
 */
export function itemAddress(state, item, selection) {
  const { kind, parts } = parse(item);
  const number = Number(parts[0]);
  const at = (/** @type {any} */ pid, /** @type {any} */ va) => ({ pid: Number(pid), va: unsigned(va) });
  switch (kind) {
    case 'va':
      return at(number, BigInt('0x' + parts[1]));
    case 'process':
      return at(number, selection.va);
    case 'vma': {
      const vma = state.table('vma').get(number);
      return vma ? at(vma.pid, vma.start) : null;
    }
    case 'entry': {
      const entry = state.table('pte').get(number);
      return entry && !translates(entry, selection) ? at(entry.pid, entry.va) : null;
    }
    case 'tlb': {
      const row = state.table('tlb').get(number);
      const owner = state.rows('process').find((process) => process.asid === row?.asid);
      return row && owner ? at(owner.pid, row.va) : null;
    }
    default: {
      const ppn = kind === 'frame' ? number : state.rows('cached_page').find((row) => row.inode === number && row.page === Number(parts[1]))?.ppn;
      const entries = (entriesByFrame(state).get(Number(ppn)) ?? []).filter((entry) => isLeaf(entry.value));
      const entry = entries.find((candidate) => candidate.pid === selection.pid) ?? entries[0];
      return entry ? at(entry.pid, entry.va) : null;
    }
  }
}

/** Whether the shown address lies under an entry: its walk comes by there. @param {import('./state.js').Row} entry @param {import('./selection.js').Selection} selection */
function translates(entry, { pid, va }) {
  const under = 12n + 9n * BigInt(entry.level);
  return entry.pid === pid && unsigned(entry.va) >> under === va >> under;
}
