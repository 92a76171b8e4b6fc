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
    this.changed = new Set(story ? story.changes.flatMap((change) => itemsOf(this.schema, state, change)) : []);
    this.focus = story && !story.fresh ? focusOf(story, story.current, pid, this.info.tlb) : new Set();
    this.failingBit = story && !story.fresh ? failingBit(story) : -1;
    const process = state.table('process').get(selection.pid);
    this.translation = process ? translate(state, Number(process.root), selection.va, this.levels) : null;
    this.light();
  }

  /** Brings only the highlight up to date. */
  light() {
    const { item } = this.selection;
    this.lit = item ? related(this.state, this.info, [item]) : new Set();
  }

  /** Classes that mark an item. @param {string} item */
  marks(item) {
    return [
      this.lit.has(item) && 'lit',
      this.selection.pinned === item && 'pinned',
      this.focus.has(item) && 'focus',
      this.changed.has(item) && 'changed',
    ]
      .filter(Boolean)
      .join(' ');
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
