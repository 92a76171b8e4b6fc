/**
 * A presenter and those who follow. The presenter's page says where it stands, a few times a second at most; a page that
 * follows goes there and shows the same selection, until its reader goes elsewhere. Emits `change` when who presents or
 * who follows has changed, and `left` when the reader has gone a way of their own.
 *
 * @typedef {{presenting: boolean, at: ?number, pid: number, address: string, item: ?string, by: string, watching: number}} Presented
 */
import { hex } from './schema.js';
import { socketAddress } from './stream.js';

/** Between two moves that are told. */
const REST = 120;
/** Before a connection that was lost is tried again. */
const AGAIN = 1000;

export class Presenter extends EventTarget {
  /**
   * @param {import('./laboratory.js').Laboratory} laboratory
   * @param {import('./selection.js').Selection} selection
   * @param {boolean} watches a page that can only look follows without being asked
   */
  constructor(laboratory, selection, watches) {
    super();
    this.laboratory = laboratory;
    this.selection = selection;
    this.address = `/api/v1/labs/${encodeURIComponent(laboratory.info.id)}/presenter`;
    /** Tells this page's presentation from others'. */
    this.by = `page-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    /** What is presented by another page, null for nothing. @type {?Presented} */
    this.shown = null;
    this.presents = false;
    this.follows = watches;
    /** How many other pages are told. */
    this.others = 0;
    /** Why it could not be presented. */
    this.problem = '';
    /** True once the server has told that this page presents. */
    this.isHeard = false;
    /** What the server was told last. */
    this.said = '';
    /** True while the presenter, not the reader, moves this page. */
    this.going = false;
    /** True when the presenter is where the log has not come to yet here. */
    this.isBehind = false;
    /** @type {?WebSocket} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    for (const event of ['moved', 'operation', 'change']) laboratory.addEventListener(event, () => this.#soon());
    for (const event of ['address', 'highlight']) selection.addEventListener(event, () => this.#soon());
    laboratory.addEventListener('moved', () => this.#wentElsewhere());
    laboratory.addEventListener('change', () => {
      this.#listen();
      if (this.isBehind) this.#go();
    });
    this.#listen();
  }

  /** Listens while the laboratory's own stream does; what this page presents ends for others when the connection does. */
  #listen() {
    if (this.socket || this.laboratory.condition !== 'live') return;
    const address = socketAddress(this.laboratory.info.id, 'presenter-stream');
    address.searchParams.set('by', this.by);
    this.socket = new WebSocket(address);
    this.socket.onopen = () => this.#again();
    this.socket.onmessage = ({ data }) => this.#told(JSON.parse(data));
    this.socket.onclose = () =>
      setTimeout(() => {
        this.socket = null;
        this.#listen();
      }, AGAIN);
  }

  /** @param {Presented} presented */
  #told(presented) {
    const isMine = presented.presenting && presented.by === this.by;
    if (this.isHeard && !isMine) this.presents = false;
    this.isHeard = isMine;
    this.others = presented.watching - 1;
    this.shown = presented.presenting && !isMine ? presented : null;
    this.#go();
    this.#changed();
  }

  /** Presents on where the connection was lost meanwhile. */
  #again() {
    if (!this.presents) return;
    this.isHeard = false;
    this.said = '';
    this.#tell();
  }

  /** Begins to present, or ends it. */
  async present() {
    this.presents = !this.presents;
    this.isHeard = false;
    this.follows = false;
    this.said = '';
    if (this.presents) await this.#tell();
    else await fetch(this.address, { method: 'DELETE' }).catch(() => {});
    this.#changed();
  }

  /** Follows the presenter, or no longer. */
  follow() {
    this.follows = !this.follows;
    this.#go();
    this.#changed();
  }

  /** Goes where the presenter is, as soon as the log has come there. */
  #go() {
    const { laboratory, selection, shown } = this;
    this.isBehind = false;
    if (!this.follows || !shown) return;
    const { at, pid, address, item } = shown;
    const { start, head } = laboratory.history;
    this.isBehind = at !== null && (at > head || at < start);
    if (this.isBehind) return;
    this.going = true;
    if (at === null) laboratory.goLive();
    else if (at !== laboratory.at) laboratory.seek(at, 'step');
    else if (laboratory.following) laboratory.pause();
    if (pid && (pid !== selection.pid || BigInt(address) !== selection.va)) selection.show(pid, BigInt(address));
    if (item !== selection.pinned) selection.pin(item ?? /** @type {string} */ (selection.pinned));
    this.going = false;
  }

  /** The reader, not the presenter, has chosen another moment. */
  #wentElsewhere() {
    if (this.going || !this.follows || !this.shown) return;
    this.follows = false;
    this.dispatchEvent(new Event('left'));
    this.#changed();
  }

  #soon() {
    if (!this.presents || this.timer !== undefined) return;
    this.timer = setTimeout(async () => {
      if (this.presents) await this.#tell();
      this.timer = undefined;
      if (this.#place() !== this.said) this.#soon();
    }, REST);
  }

  /** Where this page stands, as the server is told. */
  #place() {
    const { laboratory, selection, by } = this;
    return JSON.stringify({ at: laboratory.following ? null : laboratory.at, pid: selection.pid, address: hex(selection.va), item: selection.pinned, by });
  }

  async #tell() {
    const place = this.#place();
    if (place === this.said) return;
    this.said = place;
    this.problem = '';
    try {
      const response = await fetch(this.address, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: place });
      if (!response.ok) this.problem = (await response.json()).detail;
    } catch {
      this.problem = 'The server could not be reached.';
    }
    if (!this.problem) return;
    this.presents = false;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
