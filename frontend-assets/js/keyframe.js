/** The whole state at one moment, as segments of a recording begin with it; kept as its bytes until somebody goes there. */
import { check, count, sum } from './recording-bytes.js';
import { exact, Reader } from './wire.js';
import { Writer } from './wire-writer.js';

const MOST_CELLS = 8 * 2 ** 20;

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
    const writer = new Writer();
    state.tables.forEach((rows, ordinal) => {
      const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
      writer.varint(sorted.length);
      writeNear(writer, sorted.map(([key]) => key));
      for (const { name } of state.schema.tables[ordinal].columns) writeNear(writer, sorted.map(([, row]) => row[name]));
    });
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
    const reader = new Reader(this.bytes);
    let cells = 0;
    return this.schema.tables.map(({ columns }) => {
      const size = count(reader, reader.bytes.length, 'the number of rows');
      cells += size * (columns.length + 1);
      check(cells <= MOST_CELLS && cells <= reader.bytes.length, 'a keyframe has too many rows');
      const keys = near(reader, size);
      const rows = keys.map(() => /** @type {import('./state.js').Row} */ ({}));
      for (const { name } of columns) near(reader, size).forEach((value, i) => (rows[i][name] = value));
      check(
        keys.every((key, i) => i === 0 || keys[i - 1] < key),
        'the keys of a keyframe are out of order',
      );
      return new Map(keys.map((key, i) => [key, rows[i]]));
    });
  }
}

/** Writes what `near` reads. @param {Writer} writer @param {import('./wire.js').Value[]} values */
function writeNear(writer, values) {
  /** @type {import('./wire.js').Value} */
  let last = 0;
  for (const value of values) {
    writer.zigzag(difference(value, last));
    last = value;
  }
}

/** @param {import('./wire.js').Value} a @param {import('./wire.js').Value} b */
const difference = (a, b) => (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a - b) ? a - b : exact(BigInt.asIntN(64, BigInt(a) - BigInt(b))));

/** Numbers that are each written as the distance from the one before. @param {Reader} reader @param {number} size */
function near(reader, size) {
  /** @type {import('./wire.js').Value[]} */
  const values = new Array(size);
  /** @type {import('./wire.js').Value} */
  let last = 0;
  for (let i = 0; i < size; i++) values[i] = last = sum(last, reader.zigzag());
  return values;
}
