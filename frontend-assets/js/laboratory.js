/**
 * The laboratory as this page knows it: the history, the moment at which the reader stands, the state as it was right
 * after that record, and the story around it. A reader at the head follows what comes; one who has gone back stays
 * where they are. Emits `change` after anything moved, `operation` when a new story was told, `moved` when the reader went
 * to another moment, `beginning` when the history begins elsewhere and `read` when more is known of what lies before it.
 *
 * @typedef {import('./story.js').Grain} Grain
 */
import { History } from './history.js';
import { State } from './state.js';
import { Story } from './story.js';

/** So many bytes of a keyframe take as long as a record. */
const KEYFRAME_BYTES = 16;

export class Laboratory extends EventTarget {
  /** @param {import('./schema.js').Schema} schema @param {any} info the answer of `/api/v1/labs/{lab}` */
  constructor(schema, info) {
    super();
    this.schema = schema;
    this.info = info;
    this.state = new State(schema);
    this.history = new History(schema, 0);
    /** @type {?Story} */
    this.story = null;
    /** The last record that the state contains. */
    this.at = 0;
    this.following = true;
    /** @type {import('./stream.js').Condition} */
    this.condition = 'connecting';
    this.reason = '';
    /** True where nothing more can come, because it is a recording that is played. */
    this.recorded = false;
    /** What a recording's index tells of all its parts, before they are read. @type {import('./recording.js').SegmentInfo[]} */
    this.outline = [];
    /** What came before this history, as far as it was read from a recording. @type {?History} */
    this.older = null;
    /** The moment in it that the reader waits for. @type {?{sequence: number, grain: Grain}} */
    this.wanted = null;
  }

  /** @param {import('./wire.js').Snapshot} snapshot */
  snapshot(snapshot) {
    this.state.load(snapshot);
    this.history = new History(this.schema, snapshot.sequence);
    this.story = null;
    this.at = snapshot.sequence;
    this.following = true;
    this.dispatchEvent(new Event('beginning'));
    this.#changed();
  }

  /** @param {import('./wire.js').Batch} batch */
  records(batch) {
    this.history.append(batch);
    if (this.following) this.#hear(batch.records);
    this.#changed();
  }

  /** More was read of what lies before the history. @param {History} older which grows */
  reading(older) {
    const isFirst = !this.older;
    this.older = older;
    this.dispatchEvent(new Event(isFirst ? 'beginning' : 'read'));
  }

  /** Takes what was told before the page was opened. @param {History} older */
  precede(older) {
    this.history.precede(older);
    this.older = null;
    this.dispatchEvent(new Event('beginning'));
    if (this.wanted) this.seek(this.wanted.sequence, this.wanted.grain);
    this.#changed();
  }

  /** @param {import('./stream.js').Condition} condition @param {string} reason */
  setCondition(condition, reason) {
    this.condition = condition;
    this.reason = reason;
    this.#changed();
  }

  /** Live at the head, paused within the newest operation, replay before it and in a recording. @returns {'live'|'paused'|'replay'} */
  get mode() {
    if (this.recorded) return 'replay';
    if (this.following) return 'live';
    return this.newerOperations ? 'replay' : 'paused';
  }

  /** How many operations have come after the one that is shown. */
  get newerOperations() {
    return this.history.operations.length - 1 - this.history.operationAt(this.at);
  }

  /** Goes to the moment right after a record. @param {number} sequence @param {Grain} grain what counts as having changed last */
  seek(sequence, grain) {
    const { history, state } = this;
    this.wanted = this.older && sequence < history.start ? { sequence, grain } : null;
    const target = Math.max(history.start, Math.min(history.head, sequence));
    this.#jump(target);
    if (target >= this.at) for (const record of history.records(this.at + 1, target)) state.apply(record);
    else for (const record of history.backwards(this.at, target + 1)) state.undo(record);
    this.at = target;
    this.following = target === history.head;
    this.#tell();
    this.story?.stand(target, grain);
    this.dispatchEvent(new Event('moved'));
    this.#changed();
  }

  /** Stands at a keyframe near a moment where that is less work than playing from here. @param {number} target */
  #jump(target) {
    let least = Math.abs(target - this.at);
    let nearest = null;
    for (const keyframe of this.history.keyframesAround(target)) {
      const work = keyframe.bytes.length / KEYFRAME_BYTES + Math.abs(target - keyframe.moment);
      if (work < least) [least, nearest] = [work, keyframe];
    }
    if (!nearest) return;
    this.state.stand(nearest.tables());
    this.at = nearest.moment;
  }

  /** Goes to the moment right after a step with all it changed. @param {number} sequence of the step's record */
  seekStep(sequence) {
    this.seek(sequence, 'step');
    if (this.story) this.moveTo(this.story.position);
  }

  /** Goes to the place after so many steps of the story; the end of the newest story is the head. @param {number} position */
  moveTo(position) {
    const { story } = this;
    if (!story) return;
    const last = position >= story.steps.length && this.newerOperations === 0;
    this.seek(last ? this.history.head : story.sequenceAt(position), 'step');
  }

  /** One step on or back; past the end of a story lies the next one. @param {1|-1} direction */
  moveBy(direction) {
    const { story, history } = this;
    if (!story) return;
    const place = history.operationAt(this.at);
    if (direction > 0 && story.atEnd) {
      if (place + 1 < history.operations.length) this.seek(history.operations[place + 1], 'step');
    } else if (direction < 0 && story.position === 0) {
      if (this.at > history.start) this.seek(story.operation.sequence - 1, 'step');
    } else {
      this.moveTo(story.position + direction);
    }
  }

  /** Stays at this moment, whatever comes. */
  pause() {
    this.following = false;
    this.#changed();
  }

  /** Leaves the moment that is looked at and shows the newest story. */
  goLive() {
    if (!this.following) this.seek(this.history.head, 'operation');
  }

  /** Makes sure that the story is the one around the moment. */
  #tell() {
    const { history } = this;
    const place = history.operationAt(this.at);
    const first = history.operations[place];
    if (first === undefined) {
      this.story = null;
      return;
    }
    if (this.story?.operation.sequence !== first) {
      this.story = new Story(this.state, /** @type {import('./wire.js').StoryRecord} */ (history.record(first)));
    }
    const end = history.operations[place + 1] ?? history.head + 1;
    for (const record of history.records(this.story.last + 1, end - 1)) this.story.hear(record);
  }

  /** @param {import('./wire.js').LogRecord[]} records */
  #hear(records) {
    let told = false;
    for (const record of records) {
      this.at = record.sequence;
      this.state.apply(record);
      if (record.type === 'OPERATION') this.story = new Story(this.state, record);
      else this.story?.hear(record);
      if (record.type === 'OUTCOME') told = true;
    }
    this.story?.stand(this.at, 'operation');
    if (told) this.dispatchEvent(new Event('operation'));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
