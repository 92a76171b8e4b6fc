/**
 * The whole state now and then, for logs that come without: a reader who goes far back stands at the nearest one and
 * plays from there, instead of all that lies between. One reader passes over the log with a state of its own, and adds to
 * the history's keyframes as it comes by. The larger the state, the rarer they are; and where they take too much
 * memory every other one is let go, so that they cost the same however long the log is.
 */
import { Keyframe } from './keyframe.js';
import { State } from './state.js';

/** Records from one to the next, at least. */
const APART = 8192;
/** Cells of the state that take as long to read as a record takes to play. */
const CELLS = 4;
const MOST_BYTES = 24 * 2 ** 20;

export class Checkpoints {
  /** @param {import('./history.js').History} history @param {import('./state.js').State} state as it stood at the history's beginning */
  constructor(history, state) {
    this.history = history;
    this.state = new State(state.schema);
    const beginning = Keyframe.of(state, history.start);
    this.state.stand(beginning.tables());
    /** Of all that were laid. */
    this.bytes = beginning.bytes.length;
    /** The record that was played last. */
    this.at = history.start;
    this.last = history.start;
    /** How much rarer they have become. */
    this.thinned = 1;
    history.keyframes = [beginning];
    /** The keyframe that is being written of the state as it stands. @type {?Generator<void, Keyframe>} */
    this.laying = null;
  }

  /** Plays up to a record, where nothing is being written any more. @param {number} sequence */
  follow(sequence) {
    while (this.laying) this.lay();
    const { history, state } = this;
    for (const record of history.records(this.at + 1, sequence)) state.apply(record);
    this.at = Math.max(this.at, sequence);
    if (this.at - this.last >= this.#apart()) this.laying = Keyframe.write(state, this.at);
  }

  #apart() {
    let cells = 0;
    this.state.tables.forEach((rows, ordinal) => (cells += rows.size * this.state.schema.tables[ordinal].columns.length));
    return Math.max(APART, cells / CELLS) * this.thinned;
  }

  /** Goes on with the keyframe that is being written. */
  lay() {
    const part = this.laying?.next();
    if (!part?.done) return;
    const { history } = this;
    const keyframe = part.value;
    this.laying = null;
    history.keyframes.push(keyframe);
    this.last = keyframe.moment;
    this.bytes += keyframe.bytes.length;
    if (this.bytes <= MOST_BYTES || history.keyframes.length < 4) return;
    history.keyframes = history.keyframes.filter((_, i) => i % 2 === 0);
    this.bytes = history.keyframes.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.thinned *= 2;
  }
}
