/**
 * What programs wrote, as text that cannot do anything: control characters, escape codes among them, become the signs
 * that Unicode has for them. Streams are asked for as a whole; what is new of each is added in the order in which it
 * came, and of long output the end is kept.
 */
const MOST = 65_536;
const DELETE = 0x7f;

/** @typedef {'out'|'err'|'in'} Stream */

/** @param {string} text */
export function harmless(text) {
  return text.replace(/\r\n/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (sign) => {
    const code = sign.charCodeAt(0);
    return String.fromCharCode(code === DELETE ? 0x2421 : 0x2400 + code);
  });
}

export class Transcript {
  constructor() {
    /** @type {{stream: Stream, text: string}[]} */
    this.pieces = [];
    /** What was there of each stream when it was asked for last. @type {Record<string, string>} */
    this.seen = { out: '', err: '' };
    this.cut = false;
  }

  /** Takes all that there is of a stream now; its beginning may have been dropped since. @param {'out'|'err'} stream @param {string} whole */
  hear(stream, whole) {
    const before = this.seen[stream];
    this.seen[stream] = whole;
    this.#add(stream, whole.startsWith(before) ? whole.slice(before.length) : newOf(before, whole));
  }

  /** A line that a person typed. @param {string} line */
  typed(line) {
    this.#add('in', line);
  }

  /** @param {Stream} stream @param {string} text */
  #add(stream, text) {
    if (!text) return;
    const last = this.pieces.at(-1);
    if (last?.stream === stream) last.text += harmless(text);
    else this.pieces.push({ stream, text: harmless(text) });
    let surplus = this.pieces.reduce((sum, piece) => sum + piece.text.length, 0) - MOST;
    this.cut ||= surplus > 0;
    while (surplus > 0) {
      const [first] = this.pieces;
      const dropped = Math.min(surplus, first.text.length);
      first.text = first.text.slice(dropped);
      if (!first.text) this.pieces.shift();
      surplus -= dropped;
    }
  }
}

/** What follows the longest end of `before` that `whole` begins with somewhere; all of it where nothing fits. @param {string} before @param {string} whole */
function newOf(before, whole) {
  const tail = before.slice(-256);
  const at = tail ? whole.lastIndexOf(tail) : -1;
  return at < 0 ? whole : whole.slice(at + tail.length);
}
