/** The files of `/proc/PID` of the shown process, as the server prints them now: the text that Linux would give. */
import { fill, one } from './dom.js';

/** Asked for again no sooner than this, however fast the laboratory moves. */
const PAUSE = 250;

export class ProcText {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view */
  constructor(panel, view) {
    this.view = view;
    this.text = one('.proc-text', panel);
    this.note = one('.proc-note', panel);
    this.choice = /** @type {HTMLSelectElement} */ (one('select', panel));
    this.shown = '';
    this.waiting = false;
    this.choice.addEventListener('change', () => this.draw());
  }

  /** Asks for the text where it may have changed. */
  draw() {
    const { laboratory, selection, info } = this.view;
    const file = this.choice.value;
    const path = `/api/v1/labs/${encodeURIComponent(info.id)}/processes/${selection.pid}/${file}`;
    const wanted = `${path} ${laboratory.history.head}`;
    fill(this.note, laboratory.following ? `/proc/${selection.pid}/${file}` : `as it is now, at #${laboratory.history.head}: not at the moment that is shown`);
    if (wanted === this.shown || this.waiting) return;
    this.shown = wanted;
    this.waiting = true;
    this.#fetch(path).then((text) => {
      this.text.textContent = text;
      setTimeout(() => {
        this.waiting = false;
        this.draw();
      }, PAUSE);
    });
  }

  /** @param {string} path */
  async #fetch(path) {
    if (!this.view.state.table('process').has(this.view.selection.pid)) return 'No process is shown.';
    try {
      const response = await fetch(path, { headers: { Accept: 'text/plain, application/json' } });
      if (response.ok) return (await response.text()) || '(empty)';
      const problem = await response.json();
      return `${problem.title}: ${problem.detail ?? ''}`;
    } catch {
      return 'The server could not be reached.';
    }
  }
}
