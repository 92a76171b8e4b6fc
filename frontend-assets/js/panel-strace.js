/** The system calls of the terminal's program as strace tells them, followed while they come. */
import { Asked, fetched } from './asked.js';
import { fill, one } from './dom.js';

export class Strace {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view @param {{pid: number}} terminal whose program it is */
  constructor(panel, view, terminal) {
    this.view = view;
    this.terminal = terminal;
    this.note = one('.proc-note', panel);
    const place = one('pre', panel);
    this.text = new Asked(async () => {
      const { pid } = this;
      const { ok, text } = await fetched(`/api/v1/labs/${encodeURIComponent(view.info.id)}/processes/${pid}/strace`);
      const atEnd = place.scrollTop + place.clientHeight > place.scrollHeight - 8;
      place.textContent = text || 'No system call of a program yet: commands of the forms are told in the story.';
      fill(this.note, ok ? `the last calls of P${pid}` : '');
      if (atEnd) place.scrollTop = place.scrollHeight;
    });
  }

  get pid() {
    return this.terminal.pid || this.view.selection.pid;
  }

  draw() {
    this.text.want(`${this.pid} ${this.view.laboratory.history.head}`);
  }
}
