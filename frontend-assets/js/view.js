/**
 * What all panels draw from: the state at the step that is shown, the shared selection, and three sets of items: those
 * that changed last, those that the step is about, and those that belong to what is hovered or pinned.
 */
import { failingBit, focusOf } from './focus.js';
import { related, vaItem } from './selection.js';
import { isLeaf, levelsOf, translate } from './walk.js';

/** Records of which a drawing gathers what changed. */
const GATHERED = 4096;

/** @typedef {View & {lit: Set<string>}} AnyView */

export class View {
  /** @param {import('./laboratory.js').Laboratory} laboratory @param {import('./selection.js').Selection} selection */
  constructor(laboratory, selection) {
    this.laboratory = laboratory;
    this.selection = selection;
    this.info = laboratory.info;
    this.schema = laboratory.schema;
    /** @type {Set<string>} */
    this.changed = new Set();
    /** Addresses of the table entries among them. @type {Set<number>} */
    this.changedEntries = new Set();
    /** What of a hart's row changed last, by its number. @type {Map<number, Set<string>>} */
    this.changedHarts = new Map();
    /** Addresses of a process's pages among them, by its pid. @type {Map<number, Set<number>>} */
    this.changedPages = new Map();
    /** Of which story the changes are, at which moment, and up to which record they were gathered. @type {{story: ?import('./story.js').Story, at: number, grain: string, last: number}} */
    this.told = { story: null, at: -1, grain: '', last: -1 };
    /** @type {Set<string>} */
    this.focus = new Set();
    /** @type {Set<string>} */
    this.lit = new Set();
    /** The place in VRWXUGAD of the bit that the step names as the reason of a fault, or -1. */
    this.failingBit = -1;
    /** @type {?import('./walk.js').Translation} */
    this.translation = null;
  }

  get state() {
    return this.laboratory.state;
  }

  get story() {
    return this.laboratory.story;
  }

  get levels() {
    return levelsOf(this.info);
  }

  /** Brings the sets up to date before the panels draw. */
  refresh() {
    const { story, state, selection } = this;
    const pid = story ? Number(story.operationArgument('pid') ?? 0) : 0;
    this.#gather(story);
    this.focus = story && !story.fresh ? focusOf(story, story.current, pid, this.info.tlb) : new Set();
    this.failingBit = story && !story.fresh ? failingBit(story) : -1;
    const process = state.table('process').get(selection.pid);
    this.translation = process ? translate(state, Number(process.root), selection.va, this.levels) : null;
    const { item } = selection;
    this.lit = item ? related(state, this.info, [item]) : new Set();
  }

  /**
   * What changed last: it stays the same until somebody moves, and a whole operation's only becomes more. Of very many
   * changes a drawing gathers some, and the next one goes on.
   *
   * @param {?import('./story.js').Story} story
   */
  #gather(story) {
    const { told } = this;
    const { at = -1, grain = '' } = story ?? {};
    const { first, last } = story?.span ?? { first: 0, last: -1 };
    const goesOn = story === told.story && grain === told.grain && (grain === 'operation' || at === told.at);
    if (!goesOn) {
      for (const marked of [this.changed, this.changedEntries, this.changedHarts, this.changedPages]) marked.clear();
      told.last = first - 1;
    }
    const until = Math.min(last, told.last + GATHERED);
    if (story && until > told.last) for (const change of story.history.changes(told.last + 1, until)) this.#mark(change);
    Object.assign(told, { story, at, grain, last: Math.max(told.last, until) });
    if (until < last) this.laboratory.again();
  }

  /** @param {import('./wire.js').Change} change */
  #mark(change) {
    const table = this.schema.tables[change.ordinal];
    for (const item of itemsOf(table, change)) this.changed.add(item);
    if (table.name === 'hart' && change.type === 'UPDATE') {
      const changed = this.changedHarts.get(Number(change.key)) ?? new Set();
      for (const column of change.columns) changed.add(table.columns[column].name);
      this.changedHarts.set(Number(change.key), changed);
    }
    if (table.name !== 'pte') return;
    this.changedEntries.add(Number(change.key));
    const row = change.type === 'UPDATE' ? this.state.table('pte').get(change.key) : rowOf(table, change.values);
    if (!row || !isLeaf(row.value)) return;
    this.changed.add(vaItem(row.pid, row.va));
    const pages = this.changedPages.get(row.pid);
    if (pages) pages.add(Number(row.va));
    else this.changedPages.set(row.pid, new Set([Number(row.va)]));
  }

  /** Tells of a process's pages whether they are marked in any way, by their address. @param {number} pid @returns {(va: number) => boolean} */
  markedPages(pid) {
    const prefix = `va:${pid}:`;
    const pages = new Set();
    for (const item of [...this.focus, ...this.lit, this.selection.pinned ?? '']) {
      if (item.startsWith(prefix)) pages.add(Number.parseInt(item.slice(prefix.length), 16));
    }
    const changed = this.changedPages.get(pid);
    return (va) => pages.has(va) || changed?.has(va) === true;
  }

  /** Classes that mark an item. @param {string} item */
  marks(item) {
    let marks = '';
    if (this.lit.has(item)) marks = 'lit ';
    if (this.selection.pinned === item) marks += 'pinned ';
    if (this.focus.has(item)) marks += 'focus ';
    if (this.changed.has(item)) marks += 'changed';
    return marks.trimEnd();
  }
}

/**
 * The items whose row a change touches. A process that trapped or a hart that went on is told by the story alone.
 *
 * @param {import('./schema.js').Table} table
 * @param {import('./wire.js').Change} change
 * @returns {string[]}
 */
export function itemsOf(table, { key }) {
  switch (table.name) {
    case 'pte':
      return [`entry:${key}`];
    case 'frame':
      return [`frame:${key}`];
    case 'vma':
      return [`vma:${key}`];
    case 'tlb':
      return [`tlb:${key}`];
    case 'process':
      return [`process:${key}`];
    case 'swap_slot':
      return [`slot:${key}`];
    case 'cached_page':
      return [`page:${BigInt(key) >> 32n}:${BigInt(key) & 0xffffffffn}`];
    default:
      return [];
  }
}

/** @param {import('./schema.js').Table} table @param {import('./wire.js').Value[]} values */
function rowOf(table, values) {
  /** @type {Record<string, any>} */
  const row = {};
  table.columns.forEach((column, i) => (row[column.name] = values[i]));
  return row;
}
