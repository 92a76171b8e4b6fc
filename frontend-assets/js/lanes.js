/**
 * What the timeline shows: the whole log summed up in buckets of a power of two of records. When there are too many
 * buckets, pairs are folded into one, so that memory and drawing cost the same however long the log is. A bucket counts
 * what happened in it, and holds how things stood at its end.
 */
import { State } from './state.js';
import { isResident, ppnOf } from './walk.js';

const MOST_BUCKETS = 2048;
/** A stretch of at most so many records is summed up anew, in buckets of its own. */
const FINE = 32_768;
const USER_ECALL = 8;
const COUNTS = /** @type {const} */ (['operations', 'calls', 'minor', 'major', 'fatal', 'misses']);
const GAUGES = /** @type {const} */ (['table', 'anon', 'file', 'resident']);
/** Counts of which the timeline shows how dense they are, each by itself. */
const DENSE = /** @type {const} */ (['minor', 'major', 'fatal', 'misses']);
/** By the number that `frame.kind` has; the zero page is nobody's. */
const FRAME_GAUGES = [null, 'table', 'anon', 'file'];

/** @typedef {Record<typeof COUNTS[number] | typeof GAUGES[number], number>} Bucket */

export class Lanes {
  /** @param {import('./schema.js').Schema} schema @param {import('./state.js').State} state as it stood at the beginning @param {number} start */
  constructor(schema, state, start) {
    this.schema = schema;
    this.start = start;
    /** The last record that was counted. */
    this.head = start;
    /** Records in a bucket. */
    this.size = 1;
    /** @type {Bucket[]} */
    this.buckets = [];
    this.now = { table: 0, anon: 0, file: 0, resident: 0 };
    /** What was counted in all buckets. @type {Record<typeof COUNTS[number], number>} */
    this.sums = { operations: 0, calls: 0, minor: 0, major: 0, fatal: 0, misses: 0 };
    /** The most that any bucket has, so that dense ones can be told from sparse ones. */
    this.most = { frames: 1, resident: 1, calls: 1, minor: 1, major: 1, fatal: 1, misses: 1 };
    /** The fault that has not ended yet: its record, and what it counts as so far. @type {?{sequence: number, as: 'minor'|'major'|'fatal'}} */
    this.fault = null;
    const column = (/** @type {string} */ table, /** @type {string} */ name) => schema.tables[schema.ordinal(table)].columns.findIndex((c) => c.name === name);
    this.frame = { ordinal: schema.ordinal('frame'), ppn: column('frame', 'ppn'), kind: column('frame', 'kind') };
    /** The zero page, which Linux counts for nobody. */
    this.zero = -1;
    this.entry = { ordinal: schema.ordinal('pte'), value: column('pte', 'value'), level: column('pte', 'level') };
    /** The levels of entries above the lowest tables, by their keys: a leaf among them maps more than a page. @type {Map<import('./wire.js').Value, number>} */
    this.upper = new Map();
    for (const { ppn, kind } of state.table('frame').values()) {
      this.#findZero(ppn, kind);
      this.#frame(kind, 1);
    }
    for (const [key, entry] of state.table('pte')) {
      this.#place(key, entry.level);
      this.#leaf(key, entry.value, 1);
    }
    /** How things stood at the beginning. */
    this.first = { ...this.now };
  }

  /**
   * A short stretch in finer buckets than the whole has; these lanes themselves where there are none.
   *
   * @param {import('./history.js').History} history
   * @param {number} from
   * @param {number} to
   * @returns {Lanes}
   */
  stretch(history, from, to) {
    if (this.size === 1 || to - from > FINE) return this;
    const before = Math.floor((from - this.start) / this.size);
    const start = this.start + before * this.size;
    const fine = new Lanes(this.schema, new State(this.schema), start);
    const { table, anon, file, resident } = this.buckets[before - 1] ?? this.first;
    fine.now = { table, anon, file, resident };
    fine.upper = new Map(this.upper);
    fine.zero = this.zero;
    fine.consume(history, to - start);
    fine.most = { ...fine.most, frames: this.most.frames, resident: this.most.resident };
    return fine;
  }

  /** Counts what has come, for at most so many records. @param {import('./history.js').History} history @param {number} most @returns {boolean} whether there is more */
  consume(history, most) {
    const last = Math.min(history.head, this.head + most);
    for (const record of history.records(this.head + 1, last)) this.#count(record);
    this.head = Math.max(this.head, last);
    return last < history.head;
  }

  /** @param {import('./wire.js').LogRecord} record */
  #count(record) {
    const bucket = this.#bucket(record.sequence);
    switch (record.type) {
      case 'OPERATION':
        bucket.operations++;
        this.sums.operations++;
        this.fault = null;
        break;
      case 'STEP':
        this.#step(record, bucket);
        break;
      case 'OUTCOME':
        if (record.values[2]) this.#classify('fatal');
        break;
      case 'INSERT':
        this.#row(record, record.values, 1);
        break;
      case 'DELETE':
        this.#row(record, record.values, -1);
        break;
      case 'UPDATE':
        this.#update(record);
        break;
      default:
    }
    Object.assign(bucket, this.now);
    this.most.frames = Math.max(this.most.frames, this.now.table + this.now.anon + this.now.file);
    this.most.resident = Math.max(this.most.resident, this.now.resident);
    this.#compare(bucket);
  }

  /** @param {Bucket} bucket whose counts have become more */
  #compare(bucket) {
    const { most } = this;
    most.calls = Math.max(most.calls, bucket.operations + bucket.calls);
    for (const name of DENSE) most[name] = Math.max(most[name], bucket[name]);
  }

  /** @param {import('./wire.js').StoryRecord} record @param {Bucket} bucket */
  #step(record, bucket) {
    const kind = this.schema.steps[record.ordinal];
    const add = (/** @type {typeof COUNTS[number]} */ name) => {
      bucket[name]++;
      this.sums[name]++;
    };
    if (kind.name === 'TLB_MISS') add('misses');
    else if (kind.name === 'TRAPS' && !isFault(kind, record)) add('calls');
    else if (isFault(kind, record)) {
      this.fault = { sequence: record.sequence, as: 'minor' };
      add('minor');
    } else if (kind.name === 'SENDS') this.#classify('fatal');
    else if (isDiskRead(kind)) this.#classify('major');
    else if (kind.name === 'RETRIES') this.fault = null;
  }

  /** The fault that is being told turns out to be of another kind. @param {'major'|'fatal'} as */
  #classify(as) {
    if (!this.fault || this.fault.as === as) return;
    const bucket = this.#bucket(this.fault.sequence);
    bucket[this.fault.as]--;
    bucket[as]++;
    this.sums[this.fault.as]--;
    this.sums[as]++;
    this.fault.as = as;
    this.#compare(bucket);
  }

  /** @param {import('./wire.js').RowRecord} record @param {any[]} values @param {number} by */
  #row(record, values, by) {
    if (record.ordinal === this.frame.ordinal) {
      this.#findZero(values[this.frame.ppn], values[this.frame.kind]);
      this.#frame(values[this.frame.kind], by);
    } else if (record.ordinal === this.entry.ordinal) {
      if (by > 0) this.#place(record.key, values[this.entry.level]);
      this.#leaf(record.key, values[this.entry.value], by);
    }
  }

  /** @param {import('./wire.js').UpdateRecord} record */
  #update(record) {
    const isFrame = record.ordinal === this.frame.ordinal;
    if (!isFrame && record.ordinal !== this.entry.ordinal) return;
    const nth = record.columns.indexOf(isFrame ? this.frame.kind : this.entry.value);
    if (nth < 0) return;
    const count = (/** @type {any} */ value, /** @type {number} */ by) => (isFrame ? this.#frame(value, by) : this.#leaf(record.key, value, by));
    count(record.before[nth], -1);
    count(record.after[nth], 1);
  }

  /** @param {any} ppn @param {any} kind */
  #findZero(ppn, kind) {
    if (Number(kind) === 0) this.zero = Number(ppn);
  }

  /** @param {any} kind @param {number} by */
  #frame(kind, by) {
    const gauge = FRAME_GAUGES[Number(kind)];
    if (gauge) this.now[/** @type {'table'|'anon'|'file'} */ (gauge)] += by;
  }

  /** @param {import('./wire.js').Value} key @param {any} level */
  #place(key, level) {
    if (level > 0) this.upper.set(key, Number(level));
    else this.upper.delete(key);
  }

  /** @param {import('./wire.js').Value} key @param {any} value @param {number} by */
  #leaf(key, value, by) {
    if (isResident(value) && ppnOf(value) !== this.zero) this.now.resident += by * 512 ** (this.upper.get(key) ?? 0);
  }

  /** @param {number} sequence */
  #bucket(sequence) {
    let at = Math.floor((sequence - this.start - 1) / this.size);
    while (at >= MOST_BUCKETS) {
      this.#fold();
      at >>= 1;
    }
    while (this.buckets.length <= at) this.buckets.push({ operations: 0, calls: 0, minor: 0, major: 0, fatal: 0, misses: 0, ...this.now });
    return this.buckets[at];
  }

  /** Makes one bucket of each two. */
  #fold() {
    /** @type {Bucket[]} */
    const folded = [];
    for (let i = 0; i < this.buckets.length; i += 2) {
      const [one, other] = [this.buckets[i], this.buckets[i + 1]];
      if (other) {
        for (const name of COUNTS) one[name] += other[name];
        for (const name of GAUGES) one[name] = other[name];
      }
      this.#compare(one);
      folded.push(one);
    }
    this.buckets = folded;
    this.size *= 2;
  }
}

/** How dense a bucket is beside the densest, from 0 to 1: by the root, for else one dense place would make all others look alike. @param {number} count @param {number} most */
export const density = (count, most) => Math.sqrt(Math.min(1, count / most));

/** A trap that is no system call. @param {import('./schema.js').StepKind} kind @param {import('./wire.js').StoryRecord} record */
export function isFault(kind, record) {
  return kind.name === 'TRAPS' && record.values[kind.arguments.indexOf('cause')] !== USER_ECALL;
}

/** @param {import('./schema.js').StepKind} kind */
export const isDiskRead = (kind) => kind.actor === 'DISK' && kind.name.startsWith('READS');
