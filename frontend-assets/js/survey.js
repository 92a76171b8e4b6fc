/**
 * Reads over the whole log once, however long it is: sums it up in lanes, and lays keyframes for a log that comes without.
 * It works a few milliseconds at a time, so that the page draws and listens in between. Of a recording the index tells
 * where its parts are and how much happens in each, before any of them is read.
 */
import { Checkpoints } from './checkpoints.js';
import { Lanes } from './lanes.js';
import { State } from './state.js';

/** Milliseconds of work at a time, and records between two looks at the clock. */
const SPENT = 8;
const SLICE = 1024;

export class Survey {
  /** @param {import('./laboratory.js').Laboratory} laboratory @param {() => void} came is called when more was read */
  constructor(laboratory, came) {
    this.laboratory = laboratory;
    this.came = came;
    /** @type {?Checkpoints} */
    this.checkpoints = null;
    this.waiting = false;
    const { schema, outline } = laboratory;
    /** @type {?Lanes} */
    this.lanes = outline.length ? new Lanes(schema, new State(schema), outline[0].first - 1) : null;
    laboratory.addEventListener('beginning', () => this.#begin());
    for (const event of ['change', 'read']) laboratory.addEventListener(event, () => this.#soon());
  }

  /** The log from its beginning, as far as it was read. */
  get log() {
    return this.laboratory.older ?? this.laboratory.history;
  }

  /** Where the log begins, with what is not read yet. */
  get start() {
    return this.laboratory.outline.length ? this.laboratory.outline[0].first - 1 : this.log.start;
  }

  get head() {
    const last = this.laboratory.outline.at(-1);
    return last ? last.first + last.count - 1 : this.laboratory.history.head;
  }

  /** Parts of a recording of which only the index has told. */
  get unread() {
    const { outline } = this.laboratory;
    return this.lanes ? outline.filter(({ first }) => first > /** @type {Lanes} */ (this.lanes).head) : outline;
  }

  /** The log has got another beginning: nothing was before it, or a keyframe stands there, or else the laboratory's state. */
  #begin() {
    const { log } = this;
    const { schema, state, recorded } = this.laboratory;
    // a recording's end is there first: it is read over after what lies before it, and that only once
    if (recorded && (log.start !== this.start || (this.lanes && this.lanes.head > this.start))) return;
    const beginning = new State(schema);
    const keyframe = log.keyframes[0];
    if (keyframe?.moment === log.start) beginning.stand(keyframe.tables());
    else if (log.start > 0) beginning.stand(state.tables);
    this.lanes = new Lanes(schema, beginning, log.start);
    // a recording has keyframes of its own
    this.checkpoints = recorded ? null : new Checkpoints(log, beginning);
    this.#soon();
  }

  #soon() {
    const { lanes, log, checkpoints } = this;
    if (this.waiting || !lanes || log.start > lanes.head || (log.head <= lanes.head && !checkpoints?.laying)) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      this.#work();
    });
  }

  #work() {
    const { lanes, log } = this;
    if (!lanes || log.start > lanes.head) return;
    const end = performance.now() + SPENT;
    const { checkpoints } = this;
    for (let isMore = true; isMore && performance.now() < end; ) {
      if (checkpoints?.laying) checkpoints.lay();
      else {
        isMore = lanes.consume(log, SLICE);
        // the records are decoded for both
        checkpoints?.follow(lanes.head);
      }
    }
    this.came();
    this.#soon();
  }
}
