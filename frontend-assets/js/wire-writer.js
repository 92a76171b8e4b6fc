/** Records as the stream's binary message, the mirror image of wire.js: so a history keeps what was read elsewhere. */
import { TYPES } from './wire.js';

const utf8 = new TextEncoder();

export class Writer {
  constructor() {
    this.bytes = new Uint8Array(1 << 16);
    this.size = 0;
  }

  /** @param {number} more */
  #room(more) {
    if (this.size + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.size + more));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }

  /** A copy of what was written. */
  get written() {
    return this.bytes.slice(0, this.size);
  }

  /** @param {number|bigint} value not below zero */
  varint(value) {
    this.#room(10);
    let rest = value;
    if (typeof rest === 'bigint') {
      for (; rest >= 0x80n; rest >>= 7n) this.bytes[this.size++] = Number(rest & 0x7fn) | 0x80;
    } else {
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bytes[this.size++] = (rest % 0x80) | 0x80;
    }
    this.bytes[this.size++] = Number(rest);
  }

  /** @param {import('./wire.js').Value} value */
  zigzag(value) {
    if (typeof value === 'number' && Math.abs(value) < 2 ** 51) {
      this.varint(value < 0 ? -value * 2 - 1 : value * 2);
    } else {
      const big = BigInt(value);
      this.varint(BigInt.asUintN(64, (big << 1n) ^ (big >> 63n)));
    }
  }

  /** @param {import('./wire.js').Value[]} values */
  zigzags(values) {
    for (const value of values) this.zigzag(value);
  }

  /** @param {string} text */
  text(text) {
    const bytes = utf8.encode(text);
    this.varint(bytes.length);
    this.#room(bytes.length);
    this.bytes.set(bytes, this.size);
    this.size += bytes.length;
  }

  /** @param {import('./wire.js').LogRecord} record */
  record(record) {
    this.varint(TYPES.indexOf(record.type) + ('ordinal' in record ? record.ordinal * 8 : 0));
    switch (record.type) {
      case 'STRING':
        this.varint(record.number);
        this.text(record.text);
        break;
      case 'INSERT':
      case 'DELETE':
        this.zigzag(record.key);
        this.zigzags(record.values);
        break;
      case 'UPDATE':
        this.zigzag(record.key);
        this.varint(record.columns.reduce((mask, column) => mask + 2 ** column, 0));
        record.columns.forEach((_, nth) => this.zigzags([record.before[nth], record.after[nth]]));
        break;
      default:
        this.zigzags(record.values);
    }
  }
}

/** @param {import('./wire.js').LogRecord[]} records which follow one another @returns {import('./wire.js').Batch} */
export function batchOf(records) {
  const writer = new Writer();
  const first = records[0].sequence;
  writer.varint(2);
  writer.varint(first);
  writer.varint(records.length);
  for (const record of records) writer.record(record);
  return { kind: 'records', first, records, bytes: writer.written };
}
