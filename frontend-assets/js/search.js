/**
 * Finds records of the log by the words in which the page tells them. The log may be long: it is gone through a slice at
 * a time, between which the page is drawn.
 */
const MOST_HITS = 200;
const SLICE_MILLIS = 8;
/** The clock is looked at after so many records. */
const AT_ONCE = 64;

/** @typedef {{sequence: number, text: string}} Hit */

/** @param {string} text @returns {string[]} what a record's text must contain, all of it */
export const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

export class Search {
  /** @param {(record: import('./wire.js').LogRecord) => string} textOf */
  constructor(textOf) {
    this.textOf = textOf;
    /** @type {string[]} */
    this.words = [];
    /** @type {Hit[]} */
    this.hits = [];
    /** The last record that was looked at. */
    this.at = 0;
    /** The last one that will be. */
    this.last = 0;
  }

  /** @param {string} asked @param {{start: number, head: number}} log where it begins and ends */
  begin(asked, { start, head }) {
    this.words = wordsOf(asked);
    this.hits = [];
    this.at = start;
    this.last = this.words.length ? head : start;
  }

  get isDone() {
    return this.at >= this.last || this.isFull;
  }

  /** There may be more than are told. */
  get isFull() {
    return this.hits.length >= MOST_HITS;
  }

  /** Looks through a slice. @param {{records: (first: number, last: number) => Iterable<import('./wire.js').LogRecord>}} history @param {() => number} clock in milliseconds */
  slice(history, clock = () => performance.now()) {
    const end = clock() + SLICE_MILLIS;
    while (!this.isDone && clock() < end) {
      const last = Math.min(this.last, this.at + AT_ONCE);
      for (const record of history.records(this.at + 1, last)) {
        this.at = record.sequence;
        const text = this.textOf(record);
        const lower = text.toLowerCase();
        if (this.words.every((word) => lower.includes(word))) this.hits.push({ sequence: record.sequence, text });
        if (this.isFull) return;
      }
    }
  }
}
