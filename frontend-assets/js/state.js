/**
 * The machine as its changes add up to it: a map of rows for each table. A row is a plain object, columns by name.
 * Applying a change moves the state on; undoing one moves it back; nothing else ever writes here.
 *
 * @typedef {import('./wire.js').Value} Value
 * @typedef {Record<string, any>} Row
 */
import { leadAlike } from './walk.js';

/** In the place of a table's name: where its entries lead, whatever else their bits say. */
export const LEADS = 'leads';

export class State {
  /** @param {import('./schema.js').Schema} schema */
  constructor(schema) {
    this.schema = schema;
    /** @type {Map<Value, Row>[]} */
    this.tables = schema.tables.map(() => new Map());
    /** @type {string[]} */
    this.strings = [];
    /** For each table how often it was written, so that what is derived from it can be kept until then. */
    this.versions = schema.tables.map(() => 0);
    /** How often an entry of a page table came or went, or led elsewhere. */
    this.leads = 0;
    this.entries = schema.tables.findIndex(({ name }) => name === 'pte');
    this.entryValue = schema.tables[this.entries]?.columns.findIndex(({ name }) => name === 'value');
  }

  /** @param {import('./wire.js').Snapshot} snapshot */
  load(snapshot) {
    this.strings = [...snapshot.strings];
    this.stand(snapshot.tables.map((rows, ordinal) => new Map(rows.map(({ key, values }) => [key, this.#row(ordinal, values)]))));
  }

  /** Takes other rows in the place of all it has. @param {Map<Value, Row>[]} tables */
  stand(tables) {
    this.tables = tables;
    this.versions.forEach((_, ordinal) => this.versions[ordinal]++);
    this.leads++;
  }

  /** How often a table was written. @param {string} table its name, or LEADS */
  version(table) {
    return table === LEADS ? this.leads : this.versions[this.schema.ordinal(table)];
  }

  /** @param {string} name @returns {Map<Value, Row>} */
  table(name) {
    return this.tables[this.schema.ordinal(name)];
  }

  /** @param {string} name @returns {Row[]} */
  rows(name) {
    return [...this.table(name).values()];
  }

  /** @param {Value} number */
  text(number) {
    return this.strings[Number(number)] ?? '';
  }

  /** @param {import('./wire.js').LogRecord} record */
  apply(record) {
    switch (record.type) {
      case 'STRING':
        this.strings[record.number] = record.text;
        break;
      case 'INSERT':
        this.#put(record);
        break;
      case 'DELETE':
        this.#remove(record);
        break;
      case 'UPDATE':
        this.#set(record, record.after);
        break;
      default:
    }
  }

  /** Takes back a record that was the last one applied. @param {import('./wire.js').LogRecord} record */
  undo(record) {
    switch (record.type) {
      case 'INSERT':
        this.#remove(record);
        break;
      case 'DELETE':
        this.#put(record);
        break;
      case 'UPDATE':
        this.#set(record, record.before);
        break;
      default:
    }
  }

  /** @param {import('./wire.js').RowRecord} record */
  #put(record) {
    this.versions[record.ordinal]++;
    if (record.ordinal === this.entries) this.leads++;
    this.tables[record.ordinal].set(record.key, this.#row(record.ordinal, record.values));
  }

  /** @param {import('./wire.js').RowRecord} record */
  #remove(record) {
    this.versions[record.ordinal]++;
    if (record.ordinal === this.entries) this.leads++;
    this.tables[record.ordinal].delete(record.key);
  }

  /** @param {import('./wire.js').UpdateRecord} record @param {Value[]} values */
  #set(record, values) {
    this.versions[record.ordinal]++;
    const row = this.tables[record.ordinal].get(record.key);
    if (!row) throw new Error(`no row ${record.key} in ${this.schema.tables[record.ordinal].name}`);
    const columns = this.schema.tables[record.ordinal].columns;
    for (let nth = 0; nth < values.length; nth++) row[columns[record.columns[nth]].name] = values[nth];
    if (record.ordinal === this.entries && !this.#leadsAlike(record)) this.leads++;
  }

  /** @param {import('./wire.js').UpdateRecord} record of an entry */
  #leadsAlike({ columns, before, after }) {
    return columns.length === 1 && columns[0] === this.entryValue && leadAlike(before[0], after[0]);
  }

  /** @param {number} ordinal @param {Value[]} values @returns {Row} */
  #row(ordinal, values) {
    /** @type {Row} */
    const row = {};
    const { columns } = this.schema.tables[ordinal];
    for (let i = 0; i < columns.length; i++) row[columns[i].name] = values[i];
    return row;
  }
}

/**
 * Keeps what `compute` derives from a state until one of the tables that it looks at is written.
 *
 * @template T
 * @param {string[]} tables
 * @param {(state: State) => T} compute
 * @returns {(state: State) => T}
 */
export function derived(tables, compute) {
  /** @type {WeakMap<State, {written: number, value: T}>} */
  const known = new WeakMap();
  return (state) => {
    let written = 0;
    for (const table of tables) written += state.version(table);
    const last = known.get(state);
    if (last?.written === written) return last.value;
    const value = compute(state);
    known.set(state, { written, value });
    return value;
  };
}
