/**
 * The laboratory as this page knows it: the history, the moment at which the reader stands, the state as it was right
 * after that record, and the story around it. A reader at the head follows what comes; one who has gone back stays
 * where they are. The story is there at once; the state of a moment far from any keyframe is reached in stretches, so
 * that the page listens in between. Emits `change` after anything moved and the state is there, `operation` when a new story was told, `moved`
 * when the reader went to another moment, `beginning` when the history begins elsewhere and `read` when more is known of
 * what lies before it.
 *
 * @typedef {import('./story.js').Grain} Grain
 */
import { History } from './history.js';
import { State } from './state.js';
import { Story } from './story.js';

/** So many bytes of a keyframe take as long as a record. */
const KEYFRAME_BYTES = 16;
/** Records of a stretch; so many lie between two keyframes, where the state is not large. */
const STRETCH = 8192;

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
    /** The moment at which the reader stands. */
    this.at = 0;
    /** The last record that the state contains: that moment, save on the way there. */
    this.reached = 0;
    /** On the way: each step of it is a stretch. @type {?Generator<void, void>} */
    this.way = null;
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
    this.reached = this.at;
    this.way = null;
    this.following = true;
    this.dispatchEvent(new Event('beginning'));
    this.again();
  }

  /** @param {import('./wire.js').Batch} batch */
  records(batch) {
    this.history.append(batch);
    if (this.following) this.#hear(batch.records);
    this.again();
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
    this.again();
  }

  /** @param {import('./stream.js').Condition} condition @param {string} reason */
  setCondition(condition, reason) {
    this.condition = condition;
    this.reason = reason;
    this.again();
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

  /** True until the state is that of the moment at which the reader stands. */
  get underway() {
    return this.way !== null;
  }

  /** Goes to the moment right after a record. @param {number} sequence @param {Grain} grain what counts as having changed last */
  seek(sequence, grain) {
    const { history } = this;
    this.wanted = this.older && sequence < history.start ? { sequence, grain } : null;
    this.at = Math.max(history.start, Math.min(history.head, sequence));
    this.following = this.at === history.head;
    this.#tell();
    this.story?.stand(this.at, grain);
    const way = this.#travel();
    this.way = way;
    this.#goOn(way);
  }

  /** @param {Generator<void, void>} way */
  #goOn(way) {
    if (this.way !== way) return; // somebody wants to go elsewhere by now
    if (!way.next().done) {
      setTimeout(() => this.#goOn(way));
      return;
    }
    this.way = null;
    this.dispatchEvent(new Event('moved'));
    this.again();
  }

  /** To the moment at which the reader stands, which is another one by and by where they follow what comes. @returns {Generator<void, void>} */
  *#travel() {
    const { history, state } = this;
    const keyframe = this.#nearest();
    if (keyframe) {
      const tables = yield* keyframe.read();
      state.stand(tables);
      this.reached = keyframe.moment;
    }
    while (this.reached !== this.at) {
      const { at, reached } = this;
      const next = Math.max(reached - STRETCH, Math.min(reached + STRETCH, at));
      if (next > reached) for (const record of history.records(reached + 1, next)) state.apply(record);
      else for (const record of history.backwards(reached, next + 1)) state.undo(record);
      this.reached = next;
      if (next !== at) yield;
    }
  }

  /** The keyframe from which it is less work to play than from here. */
  #nearest() {
    const { at, reached } = this;
    let least = Math.abs(at - reached);
    let nearest = null;
    for (const keyframe of this.history.keyframesAround(at)) {
      const work = keyframe.bytes.length / KEYFRAME_BYTES + Math.abs(at - keyframe.moment);
      if (work < least) [least, nearest] = [work, keyframe];
    }
    return nearest;
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
    this.again();
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
      this.story = new Story(this.state, history, /** @type {import('./wire.js').StoryRecord} */ (history.record(first)));
    }
    this.story.hear((history.operations[place + 1] ?? history.head + 1) - 1);
  }

  /** @param {import('./wire.js').LogRecord[]} records */
  #hear(records) {
    this.at = this.history.head;
    if (!this.underway) {
      for (const record of records) this.state.apply(record);
      this.reached = this.at;
    }
    this.#tell();
    this.story?.stand(this.at, 'operation');
    if (records.some(({ type }) => type === 'OUTCOME')) this.dispatchEvent(new Event('operation'));
  }

  /** Asks all that draw to do it again: who is underway, when they arrive. */
  again() {
    if (!this.underway) this.dispatchEvent(new Event('change'));
  }
}
