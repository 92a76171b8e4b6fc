/**
 * The hart as it stands, and what the step that is shown, or the whole of a new story, has changed: each change in words,
 * the entries among them bit by bit, old above new, and the proof that references still add up.
 */
import { changeWords } from './change-words.js';
import { fill, h } from './dom.js';
import { hartOf } from './focus.js';
import { privilegeIn } from './privilege.js';
import { firstBroken } from './proof.js';
import { counted, hex } from './schema.js';
import { itemsOf } from './view.js';
import { ppnOf } from './walk.js';

/** @type {Set<string>} */
const NOTHING = new Set();
const MOST_CHANGES = 60;
const MOST_DIFFS = 4;
/** Of a long story's changes, for entries that were written. */
const MOST_LOOKED = 1024;
/** @type {Record<string, string>} */
const MODES = { U: 'user mode: the program runs', S: 'supervisor mode: the kernel acts', M: 'machine mode: what lies below the kernel acts' };
const REGISTERS = /** @type {const} */ (['satp', 'scause', 'stval', 'sepc']);
/** From the left as the manual draws them: RSW and the eight flags. */
const BITS = [
  ['', 9],
  ['', 8],
  ['D', 7],
  ['A', 6],
  ['G', 5],
  ['U', 4],
  ['X', 3],
  ['W', 2],
  ['R', 1],
  ['V', 0],
].map(([name, bit]) => ({ name: String(name), bit: BigInt(bit) }));

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawStepChanges(panel, view) {
  const { state, story } = view;
  const count = story?.count ?? 0;
  const looked = story ? beginning(story.changes, MOST_LOOKED) : [];
  const changes = looked.slice(0, MOST_CHANGES);
  fill(
    panel,
    ...state.rows('hart').map((hart, _, harts) => drawHart(view, hart, harts.length > 1)),
    h('h3', {}, heading(story, count)),
    h('ol.changes', {}, ...changes.map((change) => h('li', { 'data-item': itemsOf(view.schema.tables[change.ordinal], change)[0] }, ...changeWords(view, change))), count > changes.length ? h('li', {}, `and ${count - changes.length} more`) : null),
    ...firstWritten(view, looked).map(drawDifference),
    drawProof(view, looked),
  );
}

/** That the references of the frames that changed add up, else the change after which they do not. @param {import('./view.js').View} view @param {import('./wire.js').Change[]} changes */
function drawProof(view, changes) {
  const frames = framesIn(view, changes);
  if (frames.size === 0) return null;
  const isOver = view.story?.fresh === true && view.story.outcome !== null;
  const broken = firstBroken(view.state, frames, isOver);
  if (!broken) return h('p.proof', {}, '✓ refs = mappings + cache + pins + parent, in ', frames.size === 1 ? 'the frame that changed' : `all ${frames.size} frames that changed`);
  return h('p.proof.bad', {}, `✗ frame ${hex(broken.ppn)}: ${broken.words}, since `, h('button.quiet', { type: 'button', 'data-seek': broken.sequence }, `#${broken.sequence}`));
}

/** The last change of each frame among these, by its number. @param {import('./view.js').View} view @param {import('./wire.js').Change[]} changes @returns {Map<number, number>} */
function framesIn({ schema }, changes) {
  const ordinal = schema.ordinal('frame');
  return new Map(changes.filter((change) => change.ordinal === ordinal).map(({ key, sequence }) => [Number(key), sequence]));
}

/** @template T @param {Iterable<T>} all @param {number} most */
function beginning(all, most) {
  const some = [];
  for (const one of all) {
    if (some.length === most) break;
    some.push(one);
  }
  return some;
}

/** The privilege in which the step happens, or which the hart has at the end of the story. @param {HTMLElement} light @param {import('./view.js').View} view */
export function drawLight(light, view) {
  const hart = storysHart(view);
  const privilege = hart ? privilegeNow(view, hart) : '';
  light.hidden = !hart;
  light.className = `light ${privilege === 'U' ? 'user' : 'kernel'}`;
  light.title = MODES[privilege] ?? '';
  fill(light, `${privilege}-mode`);
}

/** The hart on which the story happens. @param {import('./view.js').View} view */
function storysHart({ state, story, selection }) {
  const number = hartOf(state, Number(story?.operationArgument('pid') ?? selection.pid));
  return state.rows('hart').find((row) => row.hart === number);
}

/** @param {import('./view.js').View} view @param {import('./state.js').Row} hart */
function privilegeNow(view, hart) {
  const own = view.schema.symbol('privilege', hart.privilege);
  return hart === storysHart(view) ? privilegeIn(view.story, own) : own;
}

/** @param {import('./view.js').View} view @param {import('./state.js').Row} hart @param {boolean} isNumbered */
function drawHart(view, hart, isNumbered) {
  const changed = view.changedHarts.get(hart.hart) ?? NOTHING;
  const value = (/** @type {typeof REGISTERS[number]} */ name) => (name === 'satp' ? satp(hart.satp) : hex(hart[name]));
  const cause = Number(hart.scause) || changed.has('scause') ? view.schema.symbol('cause', hart.scause) : '';
  return h(
    'div.hart',
    { 'data-key': `hart${hart.hart}` },
    h('b', {}, isNumbered ? `hart ${hart.hart}: ${privilegeNow(view, hart)}-mode` : `${privilegeNow(view, hart)}-mode`),
    ...REGISTERS.map((name) => h('span', {}, `${name} `, h('code', { class: changed.has(name) ? 'changed' : '' }, value(name)), name === 'scause' && cause ? ` ${cause}` : null)),
  );
}

/** @param {?import('./story.js').Story} story @param {number} changes */
function heading(story, changes) {
  if (story?.fresh) return `${counted(changes, 'change', 'changes')} by the whole command`;
  if (story?.position === 0) return 'Before the first step';
  return changes ? 'This step changed' : 'This step changed no entry, frame or VMA';
}

/**
 * The entry that a change writes; one that was not there was zero.
 *
 * @typedef {{sequence: number, address: number, before: bigint, after: bigint}} WrittenEntry
 * @param {import('./view.js').View} view
 * @param {import('./wire.js').Change} change
 * @returns {?WrittenEntry}
 */
function writtenEntry({ schema }, change) {
  const table = schema.tables[change.ordinal];
  if (table.name !== 'pte') return null;
  const column = table.columns.findIndex(({ name }) => name === 'value');
  const nth = change.type === 'UPDATE' ? change.columns.indexOf(column) : -1;
  if (change.type === 'UPDATE' && nth < 0) return null;
  const [before, after] = change.type === 'UPDATE' ? [change.before[nth], change.after[nth]] : change.type === 'INSERT' ? [0, change.values[column]] : [change.values[column], 0];
  const bits = (/** @type {any} */ value) => BigInt.asUintN(64, BigInt(value));
  return { sequence: change.sequence, address: Number(change.key), before: bits(before), after: bits(after) };
}

/** @param {import('./view.js').View} view @param {import('./wire.js').Change[]} changes */
function firstWritten(view, changes) {
  const written = [];
  for (const change of changes) {
    const entry = writtenEntry(view, change);
    if (entry) written.push(entry);
    if (written.length === MOST_DIFFS) break;
  }
  return written;
}

/** An entry's bits before and after, those marked that are others. @param {WrittenEntry} entry */
function drawDifference({ sequence, address, before, after }) {
  const isSet = (/** @type {bigint} */ value, /** @type {bigint} */ bit) => Number((value >> bit) & 1n);
  const row = (/** @type {string} */ name, /** @type {bigint} */ value) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h('td', {}, ppnOf(before) !== ppnOf(after) ? h('mark', {}, hex(ppnOf(value))) : hex(ppnOf(value))),
      ...BITS.map(({ bit }) => h('td', {}, isSet(before, bit) === isSet(after, bit) ? String(isSet(value, bit)) : h('mark', {}, String(isSet(value, bit))))),
    );
  const turned = (/** @type {number} */ to) => BITS.filter(({ name, bit }) => name && isSet(before, bit) !== to && isSet(after, bit) === to).map(({ name }) => name);
  const told = [turned(1).length && `sets ${turned(1).join(' ')}`, turned(0).length && `clears ${turned(0).join(' ')}`, ppnOf(before) !== ppnOf(after) && `frame ${hex(ppnOf(before))} → ${hex(ppnOf(after))}`];
  return h(
    'table.entry-bits',
    { 'data-key': `bits${sequence}` },
    h('caption', {}, `entry at ${hex(address)}: ${told.filter(Boolean).join(', ') || 'the same bits'}`),
    h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'PPN'), h('th', { scope: 'colgroup', colspan: 2 }, 'RSW'), ...BITS.slice(2).map(({ name }) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, row('old', before), row('new', after)),
  );
}

/** The root's frame is what matters of satp; the whole register is in the title of the story's step. @param {any} value */
function satp(value) {
  const ppn = BigInt.asUintN(64, BigInt(value)) & ((1n << 44n) - 1n);
  return `→ ${hex(ppn)}`;
}
