/**
 * One segment of a recording, decoded by the rules of docs/recording.md: a record says only what a reader who has the
 * state cannot know, so a segment is decoded by playing it.
 *
 * @typedef {import('./wire.js').Value} Value
 * @typedef {{sequence: number, payload: Uint8Array}} SegmentEntry
 * @typedef {{first: number, count: number, hasKeyframe: boolean, operations: number, faults: number}} SegmentHead
 */
import { Keyframe } from './keyframe.js';
import { check, count, inflate, sum } from './recording-bytes.js';
import { OUTCOME_VALUES, Reader, TYPES } from './wire.js';

const MOST_RECORDS = 8192;
const MOST_BYTES = 24 * 2 ** 20;
const MOST_CELLS = 8 * 2 ** 20;
const MOST_STRINGS = 2 ** 24;
const PAGE_FAULTS_FROM = 12;

/** @param {Reader} reader @param {number} first @returns {SegmentHead & {hash: string, length: number}} */
function readHead(reader, first) {
  const records = count(reader, MOST_RECORDS, 'the number of records');
  const hasKeyframe = count(reader, 1, 'the flags of a segment') === 1;
  const operations = count(reader, records, 'the number of operations');
  const faults = count(reader, records, 'the number of faults');
  let hash = '';
  for (let i = 0; i < 8; i++) hash += reader.byte().toString(16).padStart(2, '0');
  const length = count(reader, MOST_BYTES, 'the length of a segment');
  check(records > 0, 'a segment without records');
  return { first, count: records, hasKeyframe, operations, faults, hash, length };
}

/** What a segment says of itself without being inflated. @param {SegmentEntry} entry @returns {SegmentHead} */
export function segmentHead(entry) {
  return readHead(new Reader(entry.payload), entry.sequence);
}

/** True for the step with which the hart takes a page fault. @param {import('./schema.js').Schema} schema @param {import('./wire.js').LogRecord} record */
export function isFault(schema, record) {
  return record.type === 'STEP' && schema.steps[record.ordinal].name === 'TRAPS' && record.values[0] >= PAGE_FAULTS_FROM;
}

export class Segment {
  /** @param {SegmentEntry} entry @param {import('./schema.js').Schema} schema @param {string[]} strings */
  static async of(entry, schema, strings) {
    const reader = new Reader(entry.payload);
    const head = readHead(reader, entry.sequence);
    return new Segment(head, await inflate(entry.payload.subarray(reader.at), head.length), schema, strings);
  }

  /** @param {ReturnType<typeof readHead>} head @param {Uint8Array} body @param {import('./schema.js').Schema} schema @param {string[]} strings */
  constructor(head, body, schema, strings) {
    this.head = head;
    this.schema = schema;
    this.strings = strings;
    this.reader = new Reader(body);
    for (let n = count(this.reader, body.length, 'the number of strings'); n > 0; n--) this.#string();
    this.stateAt = this.reader.at;
  }

  #string() {
    const number = count(this.reader, MOST_STRINGS, 'the number of a string');
    return { number, text: (this.strings[number] = this.reader.text()) };
  }

  /** The state before the first record, of a segment that has it. */
  keyframe() {
    return Keyframe.read(this.reader, this.schema, this.head.first - 1);
  }

  /**
   * The segment's records, each with all that it changes; the state, which stood before the first, stands after the last.
   *
   * @param {import('./state.js').State} state
   * @returns {import('./wire.js').LogRecord[]}
   */
  records(state) {
    if (this.head.hasKeyframe && this.reader.at === this.stateAt) this.keyframe();
    const { schema } = this;
    this.last = {
      keys: /** @type {Value[]} */ (schema.tables.map(() => 0)),
      INSERT: schema.tables.map((table) => table.columns.map(() => 0)),
      OPERATION: schema.operations.map((kind) => kind.arguments.map(() => 0)),
      STEP: schema.steps.map((kind) => kind.arguments.map(() => 0)),
      OUTCOME: [new Array(OUTCOME_VALUES).fill(0)],
    };
    let cells = 0;
    state.tables.forEach((rows, table) => (cells += rows.size * (schema.tables[table].columns.length + 1)));
    const records = new Array(this.head.count);
    for (let i = 0; i < records.length; i++) {
      const record = this.#record(state, this.head.first + i);
      if (record.type === 'INSERT') cells += record.values.length + 1;
      check(cells <= MOST_CELLS, 'the state has too many cells');
      state.apply(record);
      records[i] = record;
    }
    check(this.reader.at === this.reader.bytes.length, 'a segment goes on after its last record');
    return records;
  }

  /** @param {import('./state.js').State} state @param {number} sequence @returns {import('./wire.js').LogRecord} */
  #record(state, sequence) {
    const head = count(this.reader, 2 ** 20, 'the head of a record');
    const type = TYPES[head & 7];
    const ordinal = head >>> 3;
    switch (type) {
      case 'STRING':
        return { type, sequence, ...this.#string() };
      case 'OPERATION':
      case 'STEP':
      case 'OUTCOME':
        return { type, sequence, ordinal, values: this.#near(type, ordinal) };
      case 'INSERT':
      case 'UPDATE':
      case 'DELETE':
        check(ordinal < this.schema.tables.length, 'a change of a table that the schema lacks');
        return this.#change(state, type, sequence, ordinal);
      default:
        throw new RangeError('a record has no known type');
    }
  }

  /** Values near the last ones of the same kind. @param {'INSERT'|'OPERATION'|'STEP'|'OUTCOME'} type @param {number} ordinal @returns {Value[]} */
  #near(type, ordinal) {
    const last = /** @type {Value[][]} */ (/** @type {any} */ (this.last)[type]);
    check(ordinal < last.length, 'a record of a kind that the schema lacks');
    return (last[ordinal] = last[ordinal].map((value) => sum(value, this.reader.zigzag())));
  }

  /** @param {import('./state.js').State} state @param {'INSERT'|'UPDATE'|'DELETE'} type @param {number} sequence @param {number} ordinal @returns {import('./wire.js').Change} */
  #change(state, type, sequence, ordinal) {
    const { columns, name } = this.schema.tables[ordinal];
    const keys = /** @type {{keys: Value[]}} */ (this.last).keys;
    const key = (keys[ordinal] = sum(keys[ordinal], this.reader.zigzag()));
    const row = state.tables[ordinal].get(key);
    check((row !== undefined) === (type !== 'INSERT'), `a change of a row of ${name} that is not as it says`);
    if (type === 'INSERT') return { type, sequence, ordinal, key, values: this.#near(type, ordinal) };
    const there = /** @type {Record<string, Value>} */ (row);
    if (type === 'DELETE') return { type, sequence, ordinal, key, values: columns.map((column) => there[column.name]) };
    const changed = [];
    const before = [];
    const after = [];
    let mask = count(this.reader, 2 ** columns.length - 1, `the columns of ${name}`);
    check(mask > 0, 'an update without columns');
    for (let column = 0; mask > 0; mask = Math.floor(mask / 2), column++) {
      if (mask % 2 === 0) continue;
      const value = there[columns[column].name];
      changed.push(column);
      before.push(value);
      after.push(sum(value, this.reader.zigzag()));
    }
    return { type, sequence, ordinal, key, columns: changed, before, after };
  }
}
