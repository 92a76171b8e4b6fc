/**
 * The program of the shown process: its instructions around the place where it stands, and its registers, those outlined
 * that the last command changed. The window stays where it is as long as the program stays inside it.
 */
import { Asked, ofLiving } from './asked.js';
import { fill, h, one } from './dom.js';

const LINES = 40;

/** @typedef {{address: string, bytes: string, assembly: ?string, pc: boolean}} Line */

export class Code {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view */
  constructor(panel, view) {
    this.view = view;
    this.place = /** @type {HTMLInputElement} */ (one('[name=at]', panel));
    this.lines = one('.code-lines', panel);
    this.registers = one('.registers', panel);
    this.note = one('.code-note', panel);
    /** Where the window begins; empty for where the process stands. */
    this.from = '';
    this.pid = 0;
    /** The registers as they are, and as they were before the last operation. @type {Record<string, string>} */
    this.now = {};
    /** @type {Record<string, string>} */
    this.before = {};
    this.operations = 0;
    this.asked = new Asked(() => this.#show());
    one('form', panel).addEventListener('submit', (event) => {
      event.preventDefault();
      this.from = this.place.value.trim();
      this.asked.shown = '';
      this.draw();
    });
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll('[data-run]'))) {
      button.addEventListener('click', () => this.#run(button.dataset.run ?? ''));
    }
  }

  draw() {
    const { laboratory, selection } = this.view;
    const { head } = laboratory.history;
    fill(this.note, laboratory.following ? '' : `as it is now, at #${head}`);
    this.asked.want(`${selection.pid} ${head} ${this.from}`);
  }

  async #show() {
    const { view } = this;
    const { pid } = view.selection;
    if (pid !== this.pid) {
      this.from = '';
      this.now = {};
    }
    const { operations } = view.laboratory.history;
    const [code, standing] = await Promise.all([this.#code(), ofLiving(view, 'registers')]);
    const rows = /** @type {Line[]} */ (code.ok ? JSON.parse(code.text).rows : []);
    fill(this.lines, code.ok ? rows.map(drawLine) : h('li.empty', {}, code.text));
    const registers = standing.ok ? JSON.parse(standing.text).registers : {};
    if (operations.length !== this.operations || pid !== this.pid) this.before = this.now;
    this.operations = operations.length;
    this.now = registers;
    fill(this.registers, ...Object.entries(registers).map(([name, value]) => this.#drawRegister(name, value)));
    this.pid = pid;
  }

  /** The window from where it was; from the program's place where that lies outside. */
  async #code() {
    const at = (/** @type {string} */ address) => ofLiving(this.view, `code?count=${LINES}${address && `&address=${encodeURIComponent(address)}`}`);
    const code = await at(this.from);
    if (!code.ok || this.place.value.trim()) return code;
    const { rows, pc } = JSON.parse(code.text);
    if (rows.some((/** @type {Line} */ row) => row.pc)) {
      this.from ||= pc;
      return code;
    }
    this.from = pc;
    return at(pc);
  }

  /** @param {string} name @param {string} value */
  #drawRegister(name, value) {
    const old = this.before[name];
    const changed = old !== undefined && old !== value;
    return h('li', { 'data-key': name, class: `${changed ? 'changed' : ''} ${value === '0x0' ? 'zero-value' : ''}`, title: changed ? `was ${old}` : undefined }, h('b', {}, name), ' ', h('code', {}, value));
  }

  /** Steps or runs, from the place that was typed where one was, or to it. @param {string} verb */
  #run(verb) {
    const { info, selection } = this.view;
    const address = this.place.value.trim();
    const stops = verb === 'to';
    if (stops && !address) {
      this.place.focus();
      return;
    }
    this.place.value = '';
    if (address && !stops) this.from = '';
    /** @type {Record<string, any>} */
    const values = { pid: selection.pid, ...(address && { [stops ? 'breakpoint' : 'address']: address }) };
    if (verb === 'fault' || verb === 'syscall') values.until = verb;
    const form = verb === 'step' ? 'step' : 'run';
    /** @type {any} */ (globalThis).htmx.ajax('POST', `/labs/${encodeURIComponent(info.id)}/forms/${form}`, { target: '#answer', values });
  }
}

/** @param {Line} line */
function drawLine({ address, bytes, assembly, pc }) {
  return h(
    'li',
    { class: pc ? 'here' : '', 'aria-current': pc ? 'true' : undefined },
    h('span.pc', {}, pc ? '▶' : ''),
    h('code.address', {}, address),
    h('code.bytes', {}, bytes),
    h('code', {}, assembly ?? 'no entry maps this page: a fetch would fault'),
  );
}
