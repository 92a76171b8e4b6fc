/**
 * What the reader has noted at moments of the log, at most a note a moment. Notes are kept in this browser, by the page
 * they belong to; as text, a note a line, they can be kept elsewhere and brought back. Emits `change`.
 *
 * @typedef {{at: number, text: string}} Note
 */

const MOST = 1000;
const LONGEST = 500;
const LINE = /^#(\d{1,15}) ?(.*)$/;

/** @typedef {{getItem: (key: string) => ?string, setItem: (key: string, value: string) => void}} Store */

export class Notes extends EventTarget {
  /** @param {string} page names what the notes are about @param {Store} store */
  constructor(page, store) {
    super();
    this.key = `faultline.notes ${page}`;
    this.store = store;
    /** In the order of their moments. @type {Note[]} */
    this.all = [];
    try {
      this.all = read(store.getItem(this.key) ?? '');
    } catch {
      // a browser may keep nothing for this page: notes then last as long as the page is open
    }
  }

  /** @param {number} at @returns {?Note} */
  of(at) {
    return this.all.find((note) => note.at === at) ?? null;
  }

  /** @param {number} at @param {string} text */
  put(at, text) {
    this.#become([...this.all.filter((note) => note.at !== at), { at, text: text.trim().slice(0, LONGEST) }]);
  }

  /** @param {number} at */
  remove(at) {
    this.#become(this.all.filter((note) => note.at !== at));
  }

  get text() {
    return this.all.map(({ at, text }) => `#${at} ${text}\n`).join('');
  }

  /** Takes notes that were written as text; where there are two of a moment the new one stays. @param {string} text @returns {number} how many there were */
  bring(text) {
    const notes = read(text);
    const moments = new Set(notes.map(({ at }) => at));
    this.#become([...this.all.filter(({ at }) => !moments.has(at)), ...notes]);
    return notes.length;
  }

  /** @param {Note[]} notes */
  #become(notes) {
    this.all = notes.sort((a, b) => a.at - b.at).slice(0, MOST);
    try {
      this.store.setItem(this.key, this.text);
    } catch {
      // as above; or there is no more room
    }
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {string} text @returns {Note[]} */
function read(text) {
  const notes = new Map();
  for (const line of text.split('\n').slice(0, MOST)) {
    const [matched, at, words] = LINE.exec(line.trimEnd()) ?? [];
    if (matched) notes.set(Number(at), { at: Number(at), text: words.slice(0, LONGEST) });
  }
  return [...notes.values()].sort((a, b) => a.at - b.at);
}

/** The moment of the next (1) or previous (-1) one of some moments. @param {Iterable<number>} moments @param {number} from @param {1|-1} direction @returns {?number} */
export function nearest(moments, from, direction) {
  let best = null;
  for (const moment of moments) {
    if ((moment - from) * direction > 0 && (best === null || (best - moment) * direction > 0)) best = moment;
  }
  return best;
}
