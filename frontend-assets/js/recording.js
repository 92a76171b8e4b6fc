/**
 * Recordings in the browser: opened from any source of byte ranges, sought, stepped and stepped back by the same rules
 * as on the server.
 *
 * @typedef {import('./recording-bytes.js').Source} Source
 * @typedef {import('./segment.js').SegmentHead & {offset: number, end: number}} SegmentInfo
 * @typedef {'fault'|'story'} Mark
 */
import { inflate, KIND, readEntry, view } from './recording-bytes.js';
import { Schema } from './schema.js';
import { checkedSchema } from './schema-shape.js';
import { isFault, Segment, segmentHead } from './segment.js';
import { stateHash } from './state-hash.js';
import { State } from './state.js';
import { Reader } from './wire.js';

const FORMAT = 1;
const MAGIC = 'FAULTLN';
const END = 'FLTINDEX';
const FOOTER_BYTES = 16;
const MOST_HEADER = 2 ** 20;
const MOST_RECORDS = 8192;
const KEPT = 4;

/** @param {Uint8Array} bytes */
const letters = (bytes) => String.fromCharCode(...bytes);

/** @param {Source} source */
async function readHeader(source) {
  const magic = await source.read(0, MAGIC.length + 1);
  if (letters(magic.subarray(0, MAGIC.length)) !== MAGIC) throw new RangeError('this is no recording: it does not begin with FAULTLN');
  if (magic[MAGIC.length] !== FORMAT) throw new RangeError(`the recording has format ${magic[MAGIC.length]}; this page reads format ${FORMAT}`);
  const entry = await readEntry(source, magic.length);
  if (!entry || entry.kind !== KIND.HEADER) throw new RangeError("the recording's header is damaged or cut off");
  const reader = new Reader(entry.payload);
  const length = reader.count();
  if (!(length <= MOST_HEADER)) throw new RangeError('the header is too long');
  const json = await inflate(entry.payload.subarray(reader.at), length);
  try {
    const header = JSON.parse(new TextDecoder().decode(json));
    return { header, schema: new Schema(checkedSchema(header.schema)), from: entry.end };
  } catch (error) {
    throw new RangeError(`the header cannot be read: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {Source} source @returns {Promise<?SegmentInfo[]>} null when the recording has no index */
async function readIndex(source) {
  const footer = await source.read(Math.max(0, source.size - FOOTER_BYTES), FOOTER_BYTES);
  if (footer.length < FOOTER_BYTES || letters(footer.subarray(8)) !== END) return null;
  const at = view(footer).getUint32(0, true) + view(footer).getUint32(4, true) * 2 ** 32;
  const entry = at < source.size ? await readEntry(source, at) : null;
  if (!entry || entry.kind !== KIND.INDEX || entry.end + FOOTER_BYTES !== source.size) return null;
  const reader = new Reader(entry.payload);
  const segments = [];
  let [end, next] = [0, 0];
  for (let n = reader.count(); n > 0; n--) {
    const offset = end + reader.count();
    end = offset + reader.count();
    const first = next + reader.count();
    const [count, flags, operations, faults] = [reader.count(), reader.count(), reader.count(), reader.count()];
    if (!(end <= at && count > 0 && count <= MOST_RECORDS)) throw new RangeError('the index does not fit the file');
    segments.push({ offset, end, first, count, hasKeyframe: flags === 1, operations, faults });
    next = first + count;
  }
  return segments;
}

/** Reads from entry to entry as far as they are whole. @param {Source} source @param {number} from */
async function scan(source, from) {
  const segments = [];
  let at = from;
  for (let entry = await readEntry(source, at); entry && entry.kind !== KIND.INDEX; entry = await readEntry(source, at)) {
    at = entry.end;
    if (entry.kind === KIND.SEGMENT) segments.push({ ...segmentHead(entry), offset: entry.offset, end: entry.end });
  }
  return { segments, isWhole: at === source.size };
}

export class Recording {
  /** @param {Source} source */
  static async open(source) {
    const { header, schema, from } = await readHeader(source);
    const indexed = await readIndex(source);
    const { segments, isWhole } = indexed ? { segments: indexed, isWhole: true } : await scan(source, from);
    return new Recording(source, header, schema, segments, isWhole);
  }

  /** @param {Source} source @param {any} header @param {Schema} schema @param {SegmentInfo[]} segments @param {boolean} isWhole */
  constructor(source, header, schema, segments, isWhole) {
    if (segments.length === 0) throw new RangeError('the recording has no whole segment');
    let next = 0;
    segments.forEach(({ first, count, hasKeyframe }, i) => {
      if (first < Math.max(next, 1) || ((i === 0 || first !== next) && !hasKeyframe)) {
        throw new RangeError(`the segment of record ${first} does not follow the one before`);
      }
      next = first + count;
    });
    this.source = source;
    this.header = header;
    this.schema = schema;
    this.segments = segments;
    /** False when the recording was cut off or is damaged behind its last whole segment. */
    this.isWhole = isWhole;
    this.firstMoment = segments[0].first - 1;
    this.lastMoment = next - 1;
  }

  /** The segment in whose reach a moment lies, -1 for none. @param {number} moment */
  segmentAt(moment) {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.segments[middle].first <= moment) low = middle;
      else high = middle - 1;
    }
    const { first, count } = this.segments[low];
    if (moment >= first - 1 && moment < first + count) return low;
    return this.segments[low + 1]?.first - 1 === moment ? low + 1 : -1;
  }

  /** @param {number} index */
  async entry(index) {
    const { offset, end, first, count } = this.segments[index];
    const entry = await readEntry(this.source, offset, end);
    if (!entry || entry.kind !== KIND.SEGMENT || entry.sequence !== first || entry.end !== end || segmentHead(entry).count !== count) {
      throw new RangeError(`the segment of records ${first} to ${first + count - 1}, at byte ${offset}, is damaged`);
    }
    return entry;
  }
}

/** A place in a recording, and the state there. Its calls follow one another: each is awaited before the next. */
export class Player {
  /** @param {Recording} recording */
  constructor(recording) {
    this.recording = recording;
    this.schema = recording.schema;
    /** @type {string[]} */
    this.strings = [''];
    this.state = new State(this.schema);
    this.state.strings = this.strings;
    this.sequence = -1;
    this.segment = -1;
    /** The last few segments, the longest unused first. @type {Map<number, import('./wire.js').LogRecord[]>} */
    this.decoded = new Map();
  }

  hash() {
    return stateHash(this.state);
  }

  /** The record that was applied last, null where it lies in another segment. */
  get current() {
    const { first } = this.recording.segments[this.segment];
    return this.decoded.get(this.segment)?.[this.sequence - first] ?? null;
  }

  /** Goes to the moment right after the record with this sequence number. @param {number} moment */
  async seek(moment) {
    const { segments } = this.recording;
    const target = this.recording.segmentAt(moment);
    if (target < 0) throw new RangeError(`the recording does not reach the moment ${moment}`);
    if (this.segment < 0 || !this.#isNear(target)) await this.#restart(target);
    while (this.segment < target) {
      this.#runTo(segments[this.segment].first + segments[this.segment].count - 1);
      await this.#enter(this.segment + 1);
    }
    while (this.segment > target) {
      this.#runTo(segments[this.segment].first - 1);
      this.segment--;
    }
    this.#runTo(moment);
  }

  /** @param {number} index */
  #follows(index) {
    const { first, count } = this.recording.segments[index - 1];
    return this.recording.segments[index].first === first + count;
  }

  /** True when stepping there is cheaper than reading a keyframe. @param {number} target */
  #isNear(target) {
    if (target > this.segment) return target - this.segment === 1 && this.#follows(target);
    for (let between = target; between < this.segment; between++) {
      if (!this.decoded.has(between) || !this.#follows(between + 1)) return false;
    }
    return this.decoded.has(this.segment);
  }

  /** @param {number} target */
  async #restart(target) {
    let from = target;
    while (!this.recording.segments[from].hasKeyframe) from--;
    const segment = await Segment.of(await this.recording.entry(from), this.schema, this.strings);
    this.state.stand(segment.keyframe().tables());
    this.#keep(from, segment.records(this.state));
    this.#stand(from);
  }

  /** @param {number} index */
  async #enter(index) {
    const kept = this.decoded.get(index);
    if (kept) {
      this.#keep(index, kept);
      this.segment = index;
    } else {
      const segment = await Segment.of(await this.recording.entry(index), this.schema, this.strings);
      this.#keep(index, segment.records(this.state));
      this.#stand(index);
    }
  }

  /** At the end of a segment, where decoding it has brought the state. @param {number} index */
  #stand(index) {
    this.segment = index;
    this.sequence = this.recording.segments[index].first + this.recording.segments[index].count - 1;
  }

  /** @param {number} index @param {import('./wire.js').LogRecord[]} records */
  #keep(index, records) {
    this.decoded.delete(index);
    this.decoded.set(index, records);
    if (this.decoded.size > KEPT) this.decoded.delete(/** @type {number} */ (this.decoded.keys().next().value));
  }

  /** Moves within the segment. @param {number} moment */
  #runTo(moment) {
    const records = /** @type {import('./wire.js').LogRecord[]} */ (this.decoded.get(this.segment));
    const { first } = this.recording.segments[this.segment];
    while (this.sequence < moment) this.state.apply(records[++this.sequence - first]);
    while (this.sequence > moment) this.state.undo(records[this.sequence-- - first]);
  }

  /** Moves by some records, back when `by` is negative, and stops at either end. @param {number} by */
  async step(by) {
    const { firstMoment, lastMoment } = this.recording;
    const moment = Math.min(lastMoment, Math.max(firstMoment, this.sequence + by));
    if (this.recording.segmentAt(moment) >= 0) await this.seek(moment);
  }

  /** Goes right behind the next (1) or previous (-1) record of a kind. @param {Mark} mark @param {1|-1} direction @returns {Promise<boolean>} false when there is none */
  async seekMark(mark, direction) {
    const { segments } = this.recording;
    const is = (/** @type {import('./wire.js').LogRecord} */ record) =>
      mark === 'story' ? record.type === 'OPERATION' : isFault(this.schema, record);
    for (let at = this.segment; at >= 0 && at < segments.length; at += direction) {
      if ((mark === 'story' ? segments[at].operations : segments[at].faults) === 0) continue;
      const found = (await this.#records(at)).filter((record) => is(record) && (record.sequence - this.sequence) * direction > 0);
      if (found.length > 0) {
        await this.seek((direction > 0 ? found[0] : found[found.length - 1]).sequence);
        return true;
      }
    }
    return false;
  }

  /** The records of a segment, wherever this player stands. @param {number} index */
  async #records(index) {
    const kept = this.decoded.get(index);
    if (kept) return kept;
    const other = new Player(this.recording);
    await other.seek(this.recording.segments[index].first);
    return /** @type {import('./wire.js').LogRecord[]} */ (other.decoded.get(index));
  }
}
