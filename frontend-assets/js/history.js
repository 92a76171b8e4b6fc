/**
 * The log as far as this page has heard it. Records are kept as the bytes in which they came, some five bytes each, and
 * are decoded again when somebody looks at them; the few batches that were looked at last stay decoded. Beside them
 * stands an index of where operations begin, where faults were, and which records are steps, of which kind: so a story
 * of many thousand steps is told without decoding any but those that are looked at.
 *
 * @typedef {import('./wire.js').LogRecord} LogRecord
 * @typedef {import('./wire.js').Change} Change
 * @typedef {{first: number, last: number, bytes: Uint8Array, steps: Uint32Array, kinds: Uint16Array, asides: Uint32Array}} Chunk
 *   `steps` and `asides` say which of its records are steps, of the `kinds` beside them, and which are neither story nor
 *   change: names and outcomes. They count from the chunk's first record.
 */
import { isFault } from './lanes.js';
import { decode } from './wire.js';

const DECODED = 32;

export class History {
  /** @param {import('./schema.js').Schema} schema @param {number} before the sequence number after which it begins */
  constructor(schema, before) {
    this.schema = schema;
    /** The earliest moment that can be gone back to. */
    this.start = before;
    /** The last record. */
    this.head = before;
    /** @type {Chunk[]} */
    this.chunks = [];
    /** Sequence numbers of the records that begin an operation. @type {number[]} */
    this.operations = [];
    /** Sequence numbers of the steps at which the hart trapped because of a fault. @type {number[]} */
    this.faults = [];
    /** Moments to which one can go without playing all up to them. @type {import('./keyframe.js').Keyframe[]} */
    this.keyframes = [];
    /** @type {Map<Chunk, LogRecord[]>} */
    this.decoded = new Map();
  }

  /** @param {import('./wire.js').Batch} batch whose first record is the next one */
  append(batch) {
    const { records } = batch;
    const first = this.head + 1;
    if (records[0].sequence !== first) throw new Error(`record ${records[0].sequence} came after ${this.head}`);
    const chunk = { first, last: records[records.length - 1].sequence, bytes: batch.bytes, ...this.#index(records) };
    this.chunks.push(chunk);
    this.head = chunk.last;
    this.#keep(chunk, records);
  }

  /** @param {LogRecord[]} records */
  #index(records) {
    /** @type {number[]} */
    const steps = [];
    /** @type {number[]} */
    const kinds = [];
    /** @type {number[]} */
    const asides = [];
    for (const [at, record] of records.entries()) {
      if (record.type === 'OPERATION') this.operations.push(record.sequence);
      else if (record.type === 'STRING' || record.type === 'OUTCOME') asides.push(at);
      else if (record.type === 'STEP') {
        steps.push(at);
        kinds.push(record.ordinal);
        if (isFault(this.schema.steps[record.ordinal], record)) this.faults.push(record.sequence);
      }
    }
    return { steps: Uint32Array.from(steps), kinds: Uint16Array.from(kinds), asides: Uint32Array.from(asides) };
  }

  /** Puts what came earlier before what is here. @param {History} older which ends where this one begins, or later */
  precede(older) {
    const chunks = older.chunks.filter((chunk) => chunk.first <= this.start);
    const last = chunks.at(-1);
    if (!last || last.last < this.start) throw new Error(`records from ${last?.last} to ${this.start} are missing`);
    chunks[chunks.length - 1] = { ...last, last: this.start };
    const earlier = (/** @type {number} */ sequence) => sequence <= this.start;
    this.operations = [...older.operations.filter(earlier), ...this.operations];
    this.faults = [...older.faults.filter(earlier), ...this.faults];
    this.chunks = [...chunks, ...this.chunks];
    this.keyframes = [...older.keyframes, ...this.keyframes];
    this.start = older.start;
  }

  /** @param {number} sequence @returns {LogRecord} */
  record(sequence) {
    const chunk = this.chunks[this.#chunkOf(sequence)];
    if (!chunk) throw new RangeError(`record ${sequence} is not here`);
    const records = this.#records(chunk);
    return records[sequence - records[0].sequence];
  }

  /** The records from one to another, both included, in order. @param {number} first @param {number} last */
  *records(first, last) {
    for (const { chunk, from, to } of this.#parts(first, last)) {
      const records = this.#records(chunk);
      for (let sequence = from; sequence <= to; sequence++) yield records[sequence - records[0].sequence];
    }
  }

  /** The same, the last one first. @param {number} last @param {number} first */
  *backwards(last, first) {
    if (last < first) return; // there may be no chunk at all
    for (let at = this.#chunkOf(last); at >= 0 && this.chunks[at].last >= first; at--) {
      const records = this.#records(this.chunks[at]);
      const from = Math.min(last, this.chunks[at].last);
      const to = Math.max(first, this.chunks[at].first);
      for (let sequence = from; sequence >= to; sequence--) yield records[sequence - records[0].sequence];
    }
  }

  /** The changes among the records from one to another. @param {number} first @param {number} last @returns {Generator<Change, void>} */
  *changes(first, last) {
    for (const record of this.records(first, last)) {
      if (record.type === 'INSERT' || record.type === 'UPDATE' || record.type === 'DELETE') yield record;
    }
  }

  /** How many there are. @param {number} first @param {number} last */
  countChanges(first, last) {
    let count = Math.max(0, last - first + 1) - (below(this.operations, last + 1) - below(this.operations, first));
    for (const { chunk, from, to } of this.#parts(first, last)) {
      for (const others of [chunk.steps, chunk.asides]) count -= below(others, to + 1 - chunk.first) - below(others, from - chunk.first);
    }
    return count;
  }

  /** Steps among the records from one to another. @param {number} first @param {number} last @param {(sequence: number, kind: number) => void} hear */
  steps(first, last, hear) {
    for (const { chunk, from, to } of this.#parts(first, last)) {
      const { steps, kinds } = chunk;
      for (let i = below(steps, from - chunk.first); i < steps.length && steps[i] <= to - chunk.first; i++) hear(chunk.first + steps[i], kinds[i]);
    }
  }

  /** The sequence numbers of names and outcomes among the records from one to another. @param {number} first @param {number} last */
  asides(first, last) {
    /** @type {number[]} */
    const found = [];
    for (const { chunk, from, to } of this.#parts(first, last)) {
      const { asides } = chunk;
      for (let i = below(asides, from - chunk.first); i < asides.length && asides[i] <= to - chunk.first; i++) found.push(chunk.first + asides[i]);
    }
    return found;
  }

  /** True for a name or an outcome. @param {number} sequence */
  isAside(sequence) {
    const { first, asides } = this.chunks[this.#chunkOf(sequence)];
    return asides[below(asides, sequence - first)] === sequence - first;
  }

  /** The place in `operations` of the one that a moment belongs to, -1 before the first. @param {number} sequence */
  operationAt(sequence) {
    return below(this.operations, sequence + 1) - 1;
  }

  /** The keyframes on either side of a moment. @param {number} moment @returns {import('./keyframe.js').Keyframe[]} */
  keyframesAround(moment) {
    let [low, high] = [0, this.keyframes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keyframes[middle].moment <= moment) low = middle + 1;
      else high = middle;
    }
    return this.keyframes.slice(Math.max(0, low - 1), low + 1);
  }

  /** The first fault after a moment, or the last one before it. @param {number} sequence @param {1|-1} direction */
  faultFrom(sequence, direction) {
    return direction > 0 ? this.faults[below(this.faults, sequence + 1)] : this.faults[below(this.faults, sequence) - 1];
  }

  /** The chunks in which records from one to another lie, each with the first and the last of these. @param {number} first @param {number} last */
  *#parts(first, last) {
    for (let at = this.#chunkOf(first); at < this.chunks.length && this.chunks[at].first <= last; at++) {
      const chunk = this.chunks[at];
      yield { chunk, from: Math.max(first, chunk.first), to: Math.min(last, chunk.last) };
    }
  }

  /** @param {number} sequence */
  #chunkOf(sequence) {
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.chunks[middle].first <= sequence) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @param {Chunk} chunk @returns {LogRecord[]} */
  #records(chunk) {
    const known = this.decoded.get(chunk);
    if (known) return known;
    const { records } = /** @type {import('./wire.js').Batch} */ (decode(chunk.bytes, this.schema));
    this.#keep(chunk, records);
    return records;
  }

  /** @param {Chunk} chunk @param {LogRecord[]} records */
  #keep(chunk, records) {
    this.decoded.set(chunk, records);
    if (this.decoded.size > DECODED) this.decoded.delete(/** @type {Chunk} */ (this.decoded.keys().next().value));
  }
}

/** How many of the sorted numbers lie below a bound. @param {ArrayLike<number>} sorted @param {number} bound */
export function below(sorted, bound) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
