/**
 * Records in words: a change of a row with the table, the row's key and its columns, of an entry the bits that changed
 * marked; operations, steps and outcomes as their sentences. As elements to be drawn, or as the same words to be found.
 */
import { h, markLetters } from './dom.js';
import { entryFlags, hex, write } from './schema.js';
import { isGuard, isSwapped, ppnOf, slotOf } from './walk.js';

const SIGNS = { INSERT: '+', UPDATE: '~', DELETE: '−' };
const MOST_COLUMNS = 5;
/** A larger result is an address. */
const LARGEST = 0xffff;

/** @typedef {import('./view.js').View} View @typedef {import('./schema.js').Table} Table */
/** @typedef {{name: string, before: string, after: string, place: string, flags: string, was: string}} ColumnWords where `flags` of an entry are apart, and were others */

/** @param {View} view @param {import('./wire.js').Change} change @returns {any[]} */
export function changeWords(view, change) {
  const table = view.schema.tables[change.ordinal];
  return [
    h('b', { class: change.type.toLowerCase() }, `${SIGNS[change.type]} ${table.name} `),
    h('code', {}, keyText(table, change.key)),
    ...columnsOf(view, change).map(({ name, before, after, place, flags, was }) =>
      h('span.column', {}, ` ${name} `, h('code', {}, before && `${before} → `, ...(flags && before ? [`${place} `, ...markLetters(flags, (letter, bit) => letter !== was[bit])] : [after]))),
    ),
  ];
}

/** The same words without elements. @param {View} view @param {import('./wire.js').LogRecord} record */
export function recordText(view, record) {
  const { schema, state } = view;
  switch (record.type) {
    case 'STRING':
      return `text ${record.number}: ${record.text}`;
    case 'OPERATION': {
      const kind = schema.operations[record.ordinal];
      return schema.fill(kind.template, kind.arguments, record.values, state.strings);
    }
    case 'STEP': {
      const kind = schema.steps[record.ordinal];
      return `${kind.actor} ${schema.fill(kind.template, kind.arguments, record.values, state.strings)}`;
    }
    case 'OUTCOME': {
      const [result, errno, signal] = record.values;
      return `ends: ${signal ? schema.signals[Number(signal)] : errno ? schema.symbol('errno', errno) : `result ${result > LARGEST ? hex(result) : result}`}`;
    }
    default: {
      const table = schema.tables[record.ordinal];
      const columns = columnsOf(view, record).map(({ name, before, after }) => `${name} ${before && `${before} → `}${after}`);
      return [`${SIGNS[record.type]} ${table.name} ${keyText(table, record.key)}`, ...columns].join(' ');
    }
  }
}

/** @param {View} view @param {import('./wire.js').Change} change @returns {ColumnWords[]} */
function columnsOf({ schema, state }, change) {
  const table = schema.tables[change.ordinal];
  const words = (/** @type {number} */ column, /** @type {any} */ before, /** @type {any} */ after) => {
    const { name, format } = table.columns[column];
    const isEntry = table.name === 'pte' && name === 'value';
    const text = (/** @type {any} */ value) => (isEntry ? `${place(value)} ${entryFlags(value)}` : write(value, format, state.strings));
    const flags = isEntry ? entryFlags(after) : '';
    return { name, before: before === undefined ? '' : text(before), after: text(after), place: isEntry ? place(after) : '', flags, was: isEntry && before !== undefined ? entryFlags(before) : '' };
  };
  if (change.type === 'UPDATE') return change.columns.map((column, nth) => words(column, change.before[nth], change.after[nth]));
  const { values } = change;
  return telling(table, values).map((column) => words(column, undefined, values[column]));
}

/** Where the page of an entry is: in a frame or in a slot, or nowhere. @param {any} value */
const place = (value) => (isGuard(value) ? 'guard' : isSwapped(value) ? `slot ${slotOf(value)}` : hex(ppnOf(value)));

/** The columns that tell a new or a lost row: those that are not its key and not zero. @param {Table} table @param {any[]} values */
const telling = (table, values) => table.columns.map((_, i) => i).filter((i) => i > 0 && values[i] !== 0).slice(0, MOST_COLUMNS);

/** @param {Table} table @param {any} key */
function keyText(table, key) {
  if (table.name === 'cached_page' || table.name === 'descriptor') {
    return `${BigInt(key) >> 32n}:${BigInt(key) & 0xffffffffn}`;
  }
  return write(key, table.columns[0].format, []);
}
