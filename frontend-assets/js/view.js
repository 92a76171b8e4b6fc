/**
 * What all panels draw from: the state at the step that is shown, the shared selection, and three sets of items: those
 * that changed last, those that the step is about, and those that belong to what is hovered or pinned.
 */
import { failingBit, focusOf } from './focus.js';
import { related, vaItem } from './selection.js';
import { isLeaf, levelsOf, translate } from './walk.js';

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
    /** Of which story the changes are, and of which of its moments. @type {?{story: import('./story.js').Story, last: number, at: number, grain: string}} */
    this.told = null;
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

  /** What changed last, which stays the same until somebody moves. @param {?import('./story.js').Story} story */
  #gather(story) {
    const told = story && { story, last: story.last, at: story.at, grain: story.grain };
    if (told && this.told && Object.entries(told).every(([name, value]) => value === /** @type {any} */ (this.told)[name])) return;
    this.told = told;
    this.changed = new Set();
    this.changedEntries = new Set();
    this.changedHarts = new Map();
    for (const change of story?.changes ?? []) {
      const table = this.schema.tables[change.ordinal];
      if (table.name === 'pte') this.changedEntries.add(Number(change.key));
      if (table.name === 'hart' && change.type === 'UPDATE') this.#gatherHart(Number(change.key), change.columns.map((column) => table.columns[column].name));
      for (const item of itemsOf(this.schema, this.state, change)) this.changed.add(item);
    }
  }

  /** @param {number} hart @param {string[]} columns */
  #gatherHart(hart, columns) {
    this.changedHarts.set(hart, new Set([...(this.changedHarts.get(hart) ?? []), ...columns]));
  }

  /** Addresses of a process's pages that are marked in any way. @param {number} pid @returns {Set<number>} */
  markedPages(pid) {
    const prefix = `va:${pid}:`;
    const pages = new Set();
    for (const items of [this.changed, this.focus, this.lit, [this.selection.pinned ?? '']]) {
      for (const item of items) if (item.startsWith(prefix)) pages.add(Number.parseInt(item.slice(prefix.length), 16));
    }
    return pages;
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
 * @param {import('./schema.js').Schema} schema
 * @param {import('./state.js').State} state
 * @param {import('./wire.js').Change} change
 * @returns {string[]}
 */
function itemsOf(schema, state, change) {
  const table = schema.tables[change.ordinal];
  const key = change.key;
  switch (table.name) {
    case 'pte': {
      const row = change.type === 'UPDATE' ? state.table('pte').get(key) : rowOf(table, change.values);
      return row && isLeaf(row.value) ? [`entry:${key}`, vaItem(row.pid, row.va)] : [`entry:${key}`];
    }
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
