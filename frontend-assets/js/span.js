/**
 * The stretch of the log that the timeline shows, from one moment to another. The whole of it grows with the log. A part
 * stays where it is, save one that reaches to the log's end: that goes along with what comes.
 */

/** Less than this many records is no stretch that anybody could look at. */
const SHORTEST = 16;

export class Span {
  constructor() {
    this.start = 0;
    this.head = 0;
    this.from = 0;
    this.to = 0;
    this.isWhole = true;
  }

  get length() {
    return this.to - this.from;
  }

  /** Takes note of how far the log reaches. @param {number} start @param {number} head */
  reach(start, head) {
    const atEnd = this.to === this.head;
    this.start = start;
    this.head = head;
    if (this.isWhole) this.#show(start, head);
    else if (atEnd) this.#show(head - this.length, head);
    else this.#show(this.from, this.to);
  }

  /** Shows so many times as much, with a moment left where it is. @param {number} times @param {number} around */
  zoom(times, around) {
    const length = Math.max(SHORTEST, Math.round(this.length * times));
    const fixed = Math.max(this.from, Math.min(this.to, around));
    const share = this.length ? (fixed - this.from) / this.length : 1;
    this.#show(Math.round(fixed - share * length), Math.round(fixed - share * length) + length);
  }

  /** Moves by a share of what is shown. @param {number} share negative to what was earlier */
  pan(share) {
    const by = Math.round(share * this.length);
    this.#show(this.from + by, this.to + by);
  }

  all() {
    this.#show(this.start, this.head);
  }

  /** Brings a moment into sight, in the middle when it was outside. @param {number} at */
  contain(at) {
    if (at >= this.from && at <= this.to) return;
    const from = Math.round(at - this.length / 2);
    this.#show(from, from + this.length);
  }

  /** The moment at a share of what is shown. @param {number} share */
  at(share) {
    return Math.round(this.from + Math.max(0, Math.min(1, share)) * this.length);
  }

  /** Where a moment stands, as a share of what is shown. @param {number} moment */
  share(moment) {
    return (moment - this.from) / (this.length || 1);
  }

  /** The stretch nearest to the wanted one that lies in the log. @param {number} from @param {number} to */
  #show(from, to) {
    const length = Math.min(to - from, this.head - this.start);
    this.from = Math.max(this.start, Math.min(from, this.head - length));
    this.to = this.from + length;
    this.isWhole = length === this.head - this.start;
  }
}
