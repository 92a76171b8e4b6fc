/** The system calls of the terminal's program as strace tells them, followed while they come. */
import { Asked, ofProcess } from './asked.js';
import { fill, h, one } from './dom.js';
import { nameOf } from './panel-terminal.js';

export class Strace {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view @param {import('./panel-terminal.js').Terminal} terminal whose program it is */
  constructor(panel, view, terminal) {
    this.view = view;
    this.terminal = terminal;
    this.which = /** @type {HTMLSelectElement} */ (one('[name=pid]', panel));
    this.which.addEventListener('change', () => terminal.show(Number(this.which.value)));
    this.note = one('.proc-note', panel);
    const place = one('pre', panel);
    this.text = new Asked(async () => {
      const { ok, text } = await ofProcess(view, 'strace', this.pid);
      const atEnd = place.scrollTop + place.clientHeight > place.scrollHeight - 8;
      place.textContent = text;
      fill(this.note, ok && !text ? 'It has run no instruction that calls the kernel. What a form commands is told in the story.' : '');
      if (atEnd) place.scrollTop = place.scrollHeight;
    });
  }

  get pid() {
    return this.terminal.pid || this.view.selection.pid;
  }

  draw() {
    const { state } = this.view;
    fill(this.which, ...this.terminal.pids.map((pid) => h('option', { value: pid }, nameOf(state, pid))));
    this.which.value = String(this.pid);
    this.text.want(`${this.pid} ${this.view.laboratory.history.head}`);
  }
}
