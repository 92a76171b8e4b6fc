/**
 * The whole state at one moment, as segments of a recording begin with it; kept as its bytes until somebody goes there.
 * A state of many thousand rows is read and written part by part, a column at a time, so that the page listens in between.
 */
import { check, count, sum } from './recording-bytes.js';
import { exact, Reader } from './wire.js';
import { Writer } from './wire-writer.js';

const MOST_CELLS = 8 * 2 ** 20;
/** Rows of which a column is read or written at a time; and so few that many columns are. */
const PART = 65_536;
const FEW = 8192;

export class Keyframe {
  /** Reads over a keyframe. @param {Reader} reader which stands before it @param {import('./schema.js').Schema} schema @param {number} moment */
  static read(reader, schema, moment) {
    const from = reader.at;
    for (const { columns } of schema.tables) {
      const size = count(reader, reader.bytes.length, 'the number of rows');
      for (let numbers = size * (columns.length + 1); numbers > 0; numbers--) reader.varint();
    }
    return new Keyframe(schema, moment, reader.bytes.slice(from, reader.at));
  }

  /** Writes down how a state stands. @param {import('./state.js').State} state @param {number} moment */
  static of(state, moment) {
    return whole(Keyframe.write(state, moment));
  }

  /** The same part by part; the state must stay as it is meanwhile. @param {import('./state.js').State} state @param {number} moment @returns {Generator<void, Keyframe>} */
  static *write(state, moment) {
    const writer = new Writer();
    for (const [ordinal, { columns }] of state.schema.tables.entries()) {
      const sorted = [...state.tables[ordinal]].sort(([a], [b]) => (a < b ? -1 : 1));
      writer.varint(sorted.length);
      yield* writeNear(writer, sorted, ([key]) => key);
      for (const { name } of columns) yield* writeNear(writer, sorted, ([, row]) => row[name]);
    }
    return new Keyframe(state.schema, moment, writer.written);
  }

  /** @param {import('./schema.js').Schema} schema @param {number} moment @param {Uint8Array} bytes */
  constructor(schema, moment, bytes) {
    this.schema = schema;
    this.moment = moment;
    this.bytes = bytes;
  }

  /** Its rows, new ones each time. @returns {import('./state.js').State['tables']} */
  tables() {
    return whole(this.read());
  }

  /** The same part by part: a state may be large. @returns {Generator<void, import('./state.js').State['tables']>} */
  *read() {
    const reader = new Reader(this.bytes);
    let cells = 0;
    const tables = [];
    for (const { columns } of this.schema.tables) {
      const size = count(reader, reader.bytes.length, 'the number of rows');
      cells += size * (columns.length + 1);
      check(cells <= MOST_CELLS && cells <= reader.bytes.length, 'a keyframe has too many rows');
      const keys = yield* near(reader, size);
      const rows = keys.map(() => /** @type {import('./state.js').Row} */ ({}));
      for (const { name } of columns) {
        const values = yield* near(reader, size);
        for (let i = 0; i < size; i++) rows[i][name] = values[i];
      }
      const table = new Map();
      for (let i = 0; i < size; i++) {
        check(i === 0 || keys[i - 1] < keys[i], 'the keys of a keyframe are out of order');
        table.set(keys[i], rows[i]);
      }
      tables.push(table);
    }
    return tables;
  }
}

/** Does all parts at once. @template T @param {Generator<void, T>} parts @returns {T} */
export function whole(parts) {
  let part = parts.next();
  while (!part.done) part = parts.next();
  return part.value;
}

/** Writes what `near` reads. @template T @param {Writer} writer @param {T[]} rows @param {(row: T) => import('./wire.js').Value} valueOf */
function* writeNear(writer, rows, valueOf) {
  /** @type {import('./wire.js').Value} */
  let last = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = valueOf(rows[i]);
    writer.zigzag(difference(value, last));
    last = value;
    if (i % PART === PART - 1) yield;
  }
  if (rows.length > FEW) yield;
}

/** @param {import('./wire.js').Value} a @param {import('./wire.js').Value} b */
const difference = (a, b) => (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a - b) ? a - b : exact(BigInt.asIntN(64, BigInt(a) - BigInt(b))));

/** Numbers that are each written as the distance from the one before. @param {Reader} reader @param {number} size */
function* near(reader, size) {
  /** @type {import('./wire.js').Value[]} */
  const values = new Array(size);
  /** @type {import('./wire.js').Value} */
  let last = 0;
  for (let i = 0; i < size; i++) {
    values[i] = last = sum(last, reader.zigzag());
    if (i % PART === PART - 1) yield;
  }
  if (size > FEW) yield;
  return values;
}
