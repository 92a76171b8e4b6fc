/**
 * The moment and the selection in the page's address: `?at=SEQ&sel=PID:ADDRESS,ITEM`. The address is kept up to date
 * while the reader moves; a move to another story is an entry of the browser's history, so that back and forward go from
 * story to story. A reader at the head has no `at`: who opens that link is live too.
 */
import { hex } from './schema.js';

/** Browsers refuse an address that is written too often; whoever rests this long is somewhere. */
const REST = 250;

const ITEM = /^(va|entry|frame|page|vma|tlb|process|slot|vsz|rss|pss|uss|tables):[0-9a-f:]{1,40}$/;
const SELECTION = /^(\d{1,9}):(0x[0-9a-f]{1,16})(?:,(.+))?$/;

/**
 * @typedef {{at: ?number, pid: number, va: ?bigint, item: ?string}} Place where `at` is null for the head and `va` for no choice
 */

/** @param {string} query @returns {Place & {wrong: string}} what could not be read is named in `wrong` */
export function readPlace(query) {
  const parameters = new URLSearchParams(query);
  const place = { at: /** @type {?number} */ (null), pid: 0, va: /** @type {?bigint} */ (null), item: /** @type {?string} */ (null), wrong: '' };
  const at = parameters.get('at');
  if (at !== null) {
    if (/^\d{1,15}$/.test(at)) place.at = Number(at);
    else place.wrong = `at=${at} is no sequence number`;
  }
  const selected = parameters.get('sel');
  if (selected !== null) {
    const [matched, pid, va, item] = SELECTION.exec(selected) ?? [];
    if (!matched || (item !== undefined && !ITEM.test(item))) place.wrong = `sel=${selected} is not PID:ADDRESS or PID:ADDRESS,ITEM`;
    else Object.assign(place, { pid: Number(pid), va: BigInt(va), item: item ?? null });
  }
  return place;
}

/** @param {string} query of an address, whose other parameters stay @param {Place} place */
export function writePlace(query, { at, pid, va, item }) {
  const parameters = new URLSearchParams(query);
  parameters.delete('at');
  parameters.delete('sel');
  // by hand, because URLSearchParams would write colons and commas as %3A and %2C
  const parts = [parameters.toString()];
  if (at !== null) parts.push(`at=${at}`);
  if (pid && va !== null) parts.push(`sel=${pid}:${hex(va)}${item ? `,${item}` : ''}`);
  const written = parts.filter(Boolean).join('&');
  return written && `?${written}`;
}

export class Permalink {
  /**
   * @param {import('./laboratory.js').Laboratory} laboratory
   * @param {import('./selection.js').Selection} selection
   * @param {() => boolean} passing true while the moment only passes by, as it does when the story is played
   */
  constructor(laboratory, selection, passing) {
    this.laboratory = laboratory;
    this.selection = selection;
    this.passing = passing;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    this.story = this.#story();
    const { at, va } = readPlace(location.search);
    /** The address says where to go, and that part of the log has not come yet: until then it stays as it is. */
    this.waiting = at !== null || va !== null;
    laboratory.addEventListener('moved', () => (this.waiting = false));
    for (const event of ['moved', 'operation']) laboratory.addEventListener(event, () => this.#soon());
    for (const event of ['address', 'highlight']) selection.addEventListener(event, () => this.#soon());
    addEventListener('popstate', () => this.restore());
  }

  /** @returns {Place} */
  #place() {
    const { laboratory, selection } = this;
    return { at: laboratory.following ? null : laboratory.at, pid: selection.pid, va: selection.va, item: selection.pinned };
  }

  /** The address of what is shown now, with the moment even where the reader follows. */
  get link() {
    const query = writePlace(location.search, { ...this.#place(), at: this.laboratory.at });
    return location.href.replace(/[?#].*/, '') + query;
  }

  /** The story at which the reader stands, 0 for those who follow whatever comes. */
  #story() {
    const { laboratory } = this;
    return laboratory.following ? 0 : (laboratory.story?.operation.sequence ?? -1);
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#write(), REST);
  }

  #write() {
    if (this.waiting) return;
    const query = writePlace(location.search, this.#place());
    const story = this.#story();
    if (query !== location.search) {
      const address = location.pathname + query;
      if (story === this.story || this.passing()) history.replaceState(null, '', address);
      else history.pushState(null, '', address);
    }
    this.story = story;
  }

  /** Goes to the moment and the selection that the address names. @returns {string} what was wrong with it, empty when nothing */
  restore() {
    const { laboratory, selection } = this;
    const { at, pid, va, item, wrong } = readPlace(location.search);
    this.waiting = false;
    if (at === null) laboratory.goLive();
    else if (at < laboratory.history.start) this.#later();
    else laboratory.seek(at, 'step');
    if (va !== null) selection.show(pid, va);
    if (item !== selection.pinned) selection.pin(item ?? /** @type {string} */ (selection.pinned));
    clearTimeout(this.timer);
    this.story = this.#story();
    if (!wrong && at !== null && at > laboratory.history.head) return `at=${at} is later than the last record, #${laboratory.history.head}, which is shown`;
    return wrong;
  }

  /** The moment lies before what has been heard so far: it is gone to when its part of the log has come. */
  #later() {
    this.waiting = true;
    this.laboratory.addEventListener('beginning', () => this.waiting && this.restore(), { once: true });
  }
}
