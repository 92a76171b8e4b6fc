/**
 * Which record made a row, found in the history behind what is shown. It is looked for once as long as the row lasts,
 * and for many rows in one pass.
 */

/** How many records back it is worth looking. */
const FARTHEST = 20_000;

/** @type {WeakMap<import('./state.js').Row, number | null>} */
const known = new WeakMap();

/**
 * Finds out about rows of a table.
 *
 * @param {import('./view.js').View} view
 * @param {string} table
 * @param {Map<import('./wire.js').Value, import('./state.js').Row>} rows by their keys
 */
export function findMaking(view, table, rows) {
  const missing = new Map([...rows].filter(([, row]) => !known.has(row)));
  if (!missing.size) return;
  const { history, at } = view.laboratory;
  const ordinal = view.schema.ordinal(table);
  for (const record of history.backwards(at, Math.max(history.start + 1, at - FARTHEST))) {
    if (record.type !== 'INSERT' || record.ordinal !== ordinal) continue;
    const row = missing.get(record.key);
    if (!row) continue;
    known.set(row, record.sequence);
    missing.delete(record.key);
    if (!missing.size) return;
  }
  for (const row of missing.values()) known.set(row, null);
}

/** The record that made a row, null when that was too long ago to be found. @param {import('./state.js').Row} row */
export const madeAt = (row) => known.get(row) ?? null;
