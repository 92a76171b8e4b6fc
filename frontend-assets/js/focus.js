/**
 * What a step of a story is about, as items of the selection: the entry it reads or writes, the frames it names, the TLB
 * row it finds, the file page it fetches. The panels point at these while the step is shown.
 */
import { unsigned } from './walk.js';
import { vaItem } from './selection.js';

const FRAME_ARGUMENTS = ['ppn', 'from', 'to', 'root'];
const ADDRESS_ARGUMENTS = ['va', 'address', 'stval'];

/**
 * @param {import('./story.js').Story} story
 * @param {?import('./story.js').Step} step
 * @param {number} pid whose address space the story is about
 * @param {{entries: number, ways: number}|undefined} tlb of each hart
 * @returns {Set<string>}
 */
export function focusOf(story, step, pid, tlb) {
  /** @type {Set<string>} */
  const items = new Set();
  if (!step?.kind) return items;
  const value = (/** @type {string} */ name) => story.argument(step, name);
  const number = (/** @type {string} */ name) => Number(value(name));
  for (const name of FRAME_ARGUMENTS) {
    if (value(name) !== undefined) items.add(`frame:${value(name)}`);
  }
  if (value('pa') !== undefined) {
    const moves = value('size') !== undefined || value('bits') !== undefined;
    items.add(moves && value('index') === undefined ? `frame:${Math.floor(number('pa') / 4096)}` : `entry:${value('pa')}`);
  }
  if (value('way') !== undefined) items.add(`tlb:${hartOf(story.state, pid) * (tlb?.entries ?? 0) + number('set') * (tlb?.ways ?? 1) + number('way')}`);
  if (value('va') !== undefined) items.add(vaItem(pid, unsigned(value('va') ?? 0)));
  if (value('page') !== undefined && value('path') !== undefined) {
    const path = story.state.text(number('path'));
    for (const file of story.state.table('file').values()) {
      if (story.state.text(file.path) === path) items.add(`page:${file.inode}:${value('page')}`);
    }
  }
  return items;
}

/** The hart that a process is on. @param {import('./state.js').State} state @param {number|undefined} pid */
export function hartOf(state, pid) {
  return state.rows('hart').find((hart) => hart.pid === pid)?.hart ?? 0;
}

/** The place of the bit that a step names as the reason of a fault, or -1. @param {import('./story.js').Story} story */
export function failingBit(story) {
  const bit = story.current ? story.argument(story.current, 'bit') : undefined;
  return bit === undefined || Number(bit) > 7 ? -1 : Number(bit);
}

/**
 * The process and address that an operation was about: where it faulted last, or what it accessed, or where it mapped.
 *
 * @param {import('./story.js').Story} story
 * @returns {?{pid: number, va: bigint}}
 */
export function addressOf(story) {
  const pid = Number(story.operationArgument('pid') ?? 0);
  if (!pid) return null;
  if (story.outcome?.signal) return { pid, va: unsigned(story.outcome.address) };
  const trap = story.trapped && story.steps.findLast((step) => step.kind?.name === 'TRAPS');
  if (trap) return { pid, va: unsigned(story.argument(trap, 'stval') ?? 0) };
  const given = story.operationArgument('address');
  if (given !== undefined) return { pid, va: unsigned(given) };
  if (story.kind.name === 'MMAP' && story.outcome && !story.outcome.errno) return { pid, va: unsigned(story.outcome.result) };
  return null;
}

/** The address that one step is about, if it names one. @param {import('./story.js').Story} story @param {?import('./story.js').Step} step */
export function stepAddress(story, step) {
  if (!step) return null;
  for (const name of ADDRESS_ARGUMENTS) {
    const value = story.argument(step, name);
    if (value !== undefined) return unsigned(value);
  }
  return null;
}
