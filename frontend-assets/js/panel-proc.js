/** The files of `/proc/PID` of the shown process, as the server prints them now: the text that Linux would give. */
import { Asked, ofLiving } from './asked.js';
import { fill, one } from './dom.js';

export class ProcText {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view */
  constructor(panel, view) {
    this.view = view;
    this.note = one('.proc-note', panel);
    this.choice = /** @type {HTMLSelectElement} */ (one('select', panel));
    this.choice.addEventListener('change', () => this.draw());
    const place = one('.proc-text', panel);
    this.text = new Asked(async () => {
      place.textContent = (await ofLiving(view, this.choice.value)).text || '(empty)';
    });
  }

  draw() {
    const { laboratory, selection } = this.view;
    const { head } = laboratory.history;
    const file = this.choice.value;
    fill(this.note, laboratory.following ? `/proc/${selection.pid}/${file}` : `as it is now, at #${head}: not at the moment that is shown`);
    this.text.want(`${selection.pid} ${file} ${head}`);
  }
}
