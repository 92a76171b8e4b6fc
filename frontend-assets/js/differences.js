/**
 * Where two laboratories differ: tables row by row, stories step by step, and the first record at which their logs part.
 * Rows are matched by their keys, entries of page tables by what they translate, since a table may lie in another frame.
 *
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Row} Row
 * @typedef {{key: string, left: ?Row, right: ?Row, columns: string[]}} Difference
 */

/** What is worth comparing, in the order in which it is told. */
export const COMPARED = ['process', 'vma', 'pte', 'frame', 'cached_page', 'swap_slot', 'tlb', 'descriptor', 'file'];

/** @param {string} table @param {any} key @param {Row} row */
const identity = (table, key, row) => (table === 'pte' ? `${row.pid} ${row.va} ${row.level}` : String(key));

/** Where a row of a page table lies says nothing of what it means. @param {string} table @param {string} column */
const isPlace = (table, column) => table === 'pte' && column === 'address';

/** @param {State} state @param {string} table */
function byIdentity(state, table) {
  return new Map([...state.table(table)].map(([key, row]) => [identity(table, key, row), row]));
}

/**
 * The rows of a table that are not alike.
 *
 * @param {State} left
 * @param {State} right
 * @param {string} table
 * @returns {Difference[]}
 */
export function rowsThatDiffer(left, right, table) {
  const [lefts, rights] = [byIdentity(left, table), byIdentity(right, table)];
  const { columns } = left.schema.tables[left.schema.ordinal(table)];
  const found = [];
  for (const key of new Set([...lefts.keys(), ...rights.keys()])) {
    const [one, other] = [lefts.get(key) ?? null, rights.get(key) ?? null];
    const differing = columns
      .filter(({ name, format }) => !isPlace(table, name) && shown(left, one, name, format) !== shown(right, other, name, format))
      .map(({ name }) => name);
    if (differing.length) found.push({ key, left: one, right: other, columns: differing });
  }
  return found;
}

/** Texts have other numbers in each laboratory. @param {State} state @param {?Row} row @param {string} column @param {import('./schema.js').Format} format */
const shown = (state, row, column, format) => (row === null ? null : format.shape === 'TEXT' ? state.text(row[column]) : String(row[column]));

/**
 * The first record at which two logs part, sought from where it was last known that they do not.
 *
 * @param {import('./history.js').History} left
 * @param {import('./history.js').History} right
 * @param {number} [alike] the last record up to which they are known to be alike
 * @returns {{at: number, parted: boolean}} the first that differs, or the last of the shorter one
 */
export function parting(left, right, alike = 0) {
  const end = Math.min(left.head, right.head);
  const rights = right.records(alike + 1, end)[Symbol.iterator]();
  for (const record of left.records(alike + 1, end)) {
    const other = rights.next().value;
    if (written(record) !== written(other)) return { at: record.sequence, parted: true };
  }
  return { at: end, parted: false };
}

/** @param {any} record */
const written = (record) => JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

/**
 * For each step of a story, whether the other story has it too, in the same order: what a diff of the two would keep.
 *
 * @param {string[]} own
 * @param {string[]} other
 * @returns {boolean[]} true for those that only this one has
 */
export function stepsOfItsOwn(own, other) {
  /** Longest common rest of both from each pair of places on. */
  const common = Array.from({ length: own.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = own.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      common[i][j] = own[i] === other[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const alone = own.map(() => true);
  for (let i = 0, j = 0; i < own.length && j < other.length; ) {
    if (own[i] === other[j]) {
      alone[i] = false;
      i++;
      j++;
    } else if (common[i + 1][j] >= common[i][j + 1]) i++;
    else j++;
  }
  return alone;
}
