/**
 * The machine as its changes add up to it: a map of rows for each table. A row is a plain object, columns by name.
 * Applying a change moves the state on; undoing one moves it back; nothing else ever writes here.
 *
 * @typedef {import('./wire.js').Value} Value
 * @typedef {Record<string, any>} Row
 */
export class State {
  /** @param {import('./schema.js').Schema} schema */
  constructor(schema) {
    this.schema = schema;
    /** @type {Map<Value, Row>[]} */
    this.tables = schema.tables.map(() => new Map());
    /** @type {string[]} */
    this.strings = [];
    /** Grows with every change, so that what is derived from the state can be kept until it moves. */
    this.version = 0;
  }

  /** @param {import('./wire.js').Snapshot} snapshot */
  load(snapshot) {
    this.version++;
    this.strings = [...snapshot.strings];
    this.tables = snapshot.tables.map(
      (rows, ordinal) => new Map(rows.map(({ key, values }) => [key, this.#row(ordinal, values)])),
    );
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
    this.version++;
    this.tables[record.ordinal].set(record.key, this.#row(record.ordinal, record.values));
  }

  /** @param {import('./wire.js').RowRecord} record */
  #remove(record) {
    this.version++;
    this.tables[record.ordinal].delete(record.key);
  }

  /** @param {import('./wire.js').UpdateRecord} record @param {Value[]} values */
  #set(record, values) {
    this.version++;
    const row = this.tables[record.ordinal].get(record.key);
    if (!row) throw new Error(`no row ${record.key} in ${this.schema.tables[record.ordinal].name}`);
    const columns = this.schema.tables[record.ordinal].columns;
    record.columns.forEach((column, nth) => (row[columns[column].name] = values[nth]));
  }

  /** @param {number} ordinal @param {Value[]} values @returns {Row} */
  #row(ordinal, values) {
    /** @type {Row} */
    const row = {};
    this.schema.tables[ordinal].columns.forEach((column, i) => (row[column.name] = values[i]));
    return row;
  }
}

/** Keeps what `compute` derives from a state until the state moves. @template T @param {(state: State) => T} compute */
export function derived(compute) {
  /** @type {?State} */
  let of = null;
  let version = -1;
  /** @type {T} */
  let value;
  return (/** @type {State} */ state) => {
    if (of !== state || version !== state.version) {
      value = compute(state);
      of = state;
      version = state.version;
    }
    return value;
  };
}
