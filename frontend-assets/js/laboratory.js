/**
 * The laboratory as this page knows it: the state, the story of the last operation, and what has arrived since the
 * reader stopped to look at a step. Emits `change` after anything moved and `operation` when a new story was shown.
 */
import { State } from './state.js';
import { Story } from './story.js';

export class Laboratory extends EventTarget {
  /** @param {import('./schema.js').Schema} schema @param {any} info the answer of `/api/v1/labs/{lab}` */
  constructor(schema, info) {
    super();
    this.schema = schema;
    this.info = info;
    this.state = new State(schema);
    /** @type {?Story} */
    this.story = null;
    this.sequence = 0;
    /** Records that came while the reader was looking at an earlier step. @type {import('./wire.js').LogRecord[]} */
    this.newer = [];
    /** @type {import('./stream.js').Condition} */
    this.condition = 'connecting';
    this.reason = '';
  }

  /** @param {import('./wire.js').Snapshot} snapshot */
  snapshot(snapshot) {
    this.state.load(snapshot);
    this.story = null;
    this.newer = [];
    this.sequence = snapshot.sequence;
    this.#changed();
  }

  /** @param {import('./wire.js').Batch} batch */
  records(batch) {
    if (this.paused) this.newer.push(...batch.records);
    else this.#hear(batch.records);
    this.#changed();
  }

  /** @param {import('./stream.js').Condition} condition @param {string} reason */
  setCondition(condition, reason) {
    this.condition = condition;
    this.reason = reason;
    this.#changed();
  }

  /** True while the reader looks at a step before the last: then the page holds still. */
  get paused() {
    return this.story !== null && !this.story.atEnd;
  }

  /** How many whole operations have come since. */
  get newerOperations() {
    return this.newer.filter((record) => record.type === 'OPERATION').length;
  }

  /** @param {number} position */
  moveTo(position) {
    if (!this.story) return;
    this.story.moveTo(position);
    if (this.story.atEnd) this.#catchUp();
    this.dispatchEvent(new Event('moved'));
    this.#changed();
  }

  /** @param {number} steps negative is back */
  moveBy(steps) {
    if (this.story) this.moveTo(this.story.position + steps);
  }

  /** Leaves the step that is looked at and shows the newest story. */
  goLive() {
    if (!this.paused) return;
    this.story?.moveTo(Infinity);
    this.#catchUp();
    this.#changed();
  }

  #catchUp() {
    const records = this.newer;
    this.newer = [];
    this.#hear(records);
  }

  /** @param {import('./wire.js').LogRecord[]} records */
  #hear(records) {
    let told = false;
    for (const record of records) {
      this.sequence = record.sequence;
      if (record.type === 'OPERATION') this.story = new Story(this.state, record);
      else if (this.story) this.story.hear(record);
      else this.state.apply(record);
      if (record.type === 'OUTCOME') told = true;
    }
    if (told) this.dispatchEvent(new Event('operation'));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
