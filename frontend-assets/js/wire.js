/**
 * The stream's binary messages, decoded. A message is one byte of kind and then numbers: `varint` is unsigned LEB128 of
 * up to 64 bits, `zigzag` a varint of `(v << 1) ^ (v >> 63)`. A number comes out as a Number while that is exact, and as
 * a BigInt when it is not (satp, addresses of the upper half).
 *
 * @typedef {number|bigint} Value
 * @typedef {{type: 'STRING', sequence: number, number: number, text: string}} StringRecord
 * @typedef {{type: 'OPERATION'|'STEP', sequence: number, ordinal: number, values: Value[]}} StoryRecord
 * @typedef {{type: 'INSERT'|'DELETE', sequence: number, ordinal: number, key: Value, values: Value[]}} RowRecord
 * @typedef {{type: 'UPDATE', sequence: number, ordinal: number, key: Value, columns: number[], before: Value[],
 *   after: Value[]}} UpdateRecord
 * @typedef {{type: 'OUTCOME', sequence: number, ordinal: number, values: Value[]}} OutcomeRecord
 * @typedef {RowRecord|UpdateRecord} Change
 * @typedef {StringRecord|StoryRecord|Change|OutcomeRecord} LogRecord
 * @typedef {{kind: 'snapshot', sequence: number, strings: string[], tables: {key: Value, values: Value[]}[][],
 *   skippedAfter?: number}} Snapshot one that a stream goes on with after a gap names the moment before the gap
 * @typedef {{kind: 'records', first: number, records: LogRecord[], bytes: Uint8Array}} Batch the bytes are those it came in
 * @typedef {{kind: 'end', reason: string, canResume: boolean, at: number}} End
 */

export const TYPES = /** @type {const} */ (['STRING', 'OPERATION', 'STEP', 'INSERT', 'UPDATE', 'DELETE', 'OUTCOME']);
export const OUTCOME_VALUES = 5;
const utf8 = new TextDecoder();

export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  byte() {
    if (this.at >= this.bytes.length) throw new RangeError('the message ends too early');
    return this.bytes[this.at++];
  }

  /** @returns {Value} seven bytes stay below 2^49 and so exact; only longer numbers pay for a BigInt */
  varint() {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    let big = BigInt(value);
    for (let shift = 49n; ; shift += 7n) {
      if (shift > 63n) throw new RangeError('a number of more than 64 bits');
      const byte = this.byte();
      big |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return exact(big);
    }
  }

  count() {
    return Number(this.varint());
  }

  /** @returns {Value} */
  zigzag() {
    const value = this.varint();
    if (typeof value === 'number') return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    const bits = BigInt.asUintN(64, value);
    return exact((bits >> 1n) ^ -(bits & 1n));
  }

  text() {
    const length = this.count();
    const from = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new RangeError('the message ends too early');
    return utf8.decode(this.bytes.subarray(from, this.at));
  }

  /** @param {number} n */
  zigzags(n) {
    const values = new Array(n);
    for (let i = 0; i < n; i++) values[i] = this.zigzag();
    return values;
  }
}

/** @param {bigint} big @returns {Value} */
export function exact(big) {
  return big >= Number.MIN_SAFE_INTEGER && big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
}

/**
 * @param {ArrayBuffer|Uint8Array} message
 * @param {import('./schema.js').Schema} schema tells how many values each record has
 * @returns {Snapshot|Batch|End}
 */
export function decode(message, schema) {
  const reader = new Reader(new Uint8Array(message));
  const kind = reader.byte();
  switch (kind) {
    case 1:
      return snapshot(reader, schema);
    case 2:
      return batch(reader, schema);
    case 3:
      return { kind: 'end', reason: reader.text(), canResume: reader.byte() === 1, at: reader.count() };
    case 4:
      return { skippedAfter: reader.count(), ...snapshot(reader, schema) };
    default:
      throw new RangeError(`a message of unknown kind ${kind}`);
  }
}

/** @param {Reader} reader @param {import('./schema.js').Schema} schema @returns {Snapshot} */
function snapshot(reader, schema) {
  const sequence = reader.count();
  const strings = Array.from({ length: reader.count() }, () => reader.text());
  const tables = schema.tables.map((table) =>
    Array.from({ length: reader.count() }, () => ({
      key: reader.zigzag(),
      values: reader.zigzags(table.columns.length),
    })),
  );
  return { kind: 'snapshot', sequence, strings, tables };
}

/** @param {Reader} reader @param {import('./schema.js').Schema} schema @returns {Batch} */
function batch(reader, schema) {
  const first = reader.count();
  const count = reader.count();
  const records = new Array(count);
  for (let i = 0; i < count; i++) records[i] = record(reader, schema, first + i);
  return { kind: 'records', first, records, bytes: reader.bytes };
}

/** @param {Reader} reader @param {import('./schema.js').Schema} schema @param {number} sequence @returns {LogRecord} */
function record(reader, schema, sequence) {
  const head = reader.count();
  const type = TYPES[head & 7];
  const ordinal = head >>> 3;
  switch (type) {
    case 'STRING':
      return { type, sequence, number: reader.count(), text: reader.text() };
    case 'OPERATION':
      return { type, sequence, ordinal, values: reader.zigzags(schema.operations[ordinal].arguments.length) };
    case 'STEP':
      return { type, sequence, ordinal, values: reader.zigzags(schema.steps[ordinal].arguments.length) };
    case 'INSERT':
    case 'DELETE': {
      const key = reader.zigzag();
      return { type, sequence, ordinal, key, values: reader.zigzags(schema.tables[ordinal].columns.length) };
    }
    case 'UPDATE':
      return update(reader, sequence, ordinal);
    case 'OUTCOME':
      return { type, sequence, ordinal, values: reader.zigzags(OUTCOME_VALUES) };
    default:
      throw new RangeError(`a record of unknown type ${head & 7}`);
  }
}

/** @param {Reader} reader @param {number} sequence @param {number} ordinal @returns {UpdateRecord} */
function update(reader, sequence, ordinal) {
  const key = reader.zigzag();
  const columns = [];
  const before = [];
  const after = [];
  for (let mask = reader.count(), column = 0; mask > 0; mask = Math.floor(mask / 2), column++) {
    if (mask % 2 === 0) continue;
    columns.push(column);
    before.push(reader.zigzag());
    after.push(reader.zigzag());
  }
  return { type: 'UPDATE', sequence, ordinal, key, columns, before, after };
}
