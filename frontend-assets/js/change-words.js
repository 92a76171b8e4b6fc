/** A change of a row in words: the table, the row's key, and its columns, of an entry the bits that changed marked. */
import { h, markLetters } from './dom.js';
import { entryFlags, hex, write } from './schema.js';
import { isGuard, isSwapped, ppnOf, slotOf } from './walk.js';

/** @param {import('./view.js').View} view @param {import('./wire.js').Change} change @returns {any[]} */
export function changeWords(view, change) {
  const { schema, state } = view;
  const table = schema.tables[change.ordinal];
  const sign = { INSERT: '+', UPDATE: '~', DELETE: '−' }[change.type];
  const text = (/** @type {number} */ column, /** @type {any} */ value) => {
    if (isEntry(table, column)) return `${place(value)} ${entryFlags(value)}`;
    return write(value, table.columns[column].format, state.strings);
  };
  const body =
    change.type === 'UPDATE'
      ? change.columns.map((column, nth) => [
          table.columns[column].name,
          `${text(column, change.before[nth])} → `,
          isEntry(table, column) ? entryDifference(change.before[nth], change.after[nth]) : text(column, change.after[nth]),
        ])
      : summary(table, change.values).map((column) => [table.columns[column].name, text(column, change.values[column])]);
  return [
    h('b', { class: change.type.toLowerCase() }, `${sign} ${table.name} `),
    h('code', {}, keyText(table, change.key)),
    ...body.map(([name, ...words]) => h('span.column', {}, ` ${name} `, h('code', {}, ...words))),
  ];
}

/** @param {import('./schema.js').Table} table @param {number} column */
const isEntry = (table, column) => table.name === 'pte' && table.columns[column].name === 'value';

/** Where the page of an entry is: in a frame or in a slot, or nowhere. @param {any} value */
const place = (value) => (isGuard(value) ? 'guard' : isSwapped(value) ? `slot ${slotOf(value)}` : hex(ppnOf(value)));

/** The new value of an entry, with the bits marked that changed. @param {any} before @param {any} after */
function entryDifference(before, after) {
  const old = entryFlags(before);
  return [`${place(after)} `, ...markLetters(entryFlags(after), (letter, bit) => letter !== old[bit])];
}

/** The columns that tell a new or a lost row: those that are not its key and not zero. @param {import('./schema.js').Table} table @param {any[]} values */
function summary(table, values) {
  return table.columns.map((_, i) => i).filter((i) => i > 0 && values[i] !== 0).slice(0, 5);
}

/** @param {import('./schema.js').Table} table @param {any} key */
function keyText(table, key) {
  if (table.name === 'cached_page' || table.name === 'descriptor') {
    return `${BigInt(key) >> 32n}:${BigInt(key) & 0xffffffffn}`;
  }
  return write(key, table.columns[0].format, []);
}
