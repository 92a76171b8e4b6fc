/**
 * Programs: one that comes with Faultline, or an uploaded one, is put into the laboratory and loaded; it then runs as far
 * as it is told to. What it writes is shown as it comes, a line that is typed becomes its standard input. The terminal
 * stays with a program that has ended until another is loaded or chosen.
 */
import { Asked, fetched } from './asked.js';
import { fill, h, one } from './dom.js';
import { ask } from './give.js';
import { Transcript } from './terminal-text.js';

const ARCHIVE = /\.(tar|tar\.gz|tgz|tar\.xz|deb)$/;
const ELF = [0x7f, 0x45, 0x4c, 0x46];

export class Terminal {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view */
  constructor(panel, view) {
    this.view = view;
    this.api = `/api/v1/labs/${encodeURIComponent(view.info.id)}`;
    this.form = /** @type {HTMLFormElement} */ (one('form.load', panel));
    this.program = /** @type {HTMLSelectElement} */ (one('[name=program]', panel));
    this.words = /** @type {HTMLInputElement} */ (one('[name=arguments]', panel));
    this.upload = /** @type {HTMLInputElement} */ (one('input[type=file]', panel));
    this.line = /** @type {HTMLInputElement} */ (one('[name=line]', panel));
    this.address = /** @type {HTMLInputElement} */ (one('[name=breakpoint]', panel));
    this.which = /** @type {HTMLSelectElement} */ (one('[name=pid]', panel));
    this.text = one('.terminal-text', panel);
    this.note = one('.terminal-note', panel);
    /** Paths of programs that were uploaded here. @type {string[]} */
    this.uploaded = [];
    /** The program whose terminal this is. */
    this.pid = 0;
    /** @type {Map<number, Transcript>} */
    this.transcripts = new Map();
    this.asked = new Asked(() => this.#hear());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try(() => this.#load());
    });
    this.upload.addEventListener('change', () => this.#try(() => this.#put()));
    one('form.input', panel).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try(() => this.#send(`${this.line.value}\n`, false));
    });
    one('[data-end]', panel).addEventListener('click', () => this.#try(() => this.#send('', true)));
    this.which.addEventListener('change', () => this.show(Number(this.which.value)));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll('[data-until]'))) {
      button.addEventListener('click', () => this.#run(button.dataset.until ?? ''));
    }
  }

  /** The processes that there are, and those that were. */
  get pids() {
    const living = this.view.state.rows('process').map((process) => Number(process.pid));
    return [...new Set([...living, ...this.transcripts.keys()])].sort((a, b) => a - b);
  }

  draw() {
    const { state, laboratory, selection } = this.view;
    if (!this.pid) this.pid = selection.pid;
    fill(this.which, ...this.pids.map((pid) => h('option', { value: pid }, nameOf(state, pid))));
    this.which.value = String(this.pid);
    const there = state.rows('file').map((file) => state.text(file.path)).filter((path) => path.includes('/bin/') || path.endsWith('.elf'));
    // what was uploaded may be chosen before the log tells of it
    const own = [...new Set([...there, ...this.uploaded])];
    const chosen = this.program.value;
    fill(one('.own-programs', this.program), ...own.map((path) => h('option', { value: path, 'data-key': path }, path)));
    this.program.value = chosen;
    if (this.program.selectedIndex < 0) this.program.selectedIndex = 0;
    this.asked.want(`${this.pid} ${laboratory.history.head}`);
  }

  /** @param {number} pid whose terminal is wanted */
  show(pid) {
    this.pid = pid;
    if (this.view.state.table('process').has(pid)) this.view.selection.show(pid, this.view.selection.va);
    this.#print();
    this.draw();
  }

  /** @param {() => Promise<string>} what gives what there is to say of it */
  async #try(what) {
    fill(this.note, '…');
    try {
      fill(this.note, await what());
    } catch (problem) {
      fill(this.note, problem instanceof Error ? problem.message : String(problem));
    }
    this.draw();
  }

  /** Puts a bundled program into the laboratory if it is one, and loads it. */
  async #load() {
    const chosen = this.program.value;
    let path = chosen;
    if (!chosen.startsWith('/')) {
      path = `/bin/${chosen}`;
      const bytes = await (await fetch(`/programs/${chosen}.elf`)).arrayBuffer();
      await this.#file(path, bytes);
    }
    const words = this.words.value.split(/\s+/).filter(Boolean);
    const { result, errno, why } = await ask(this.view.info.id, { do: 'exec', path, argv: [path, ...words] });
    if (errno) return `-1 ${errno}: ${why}`;
    this.pid = Number(result.pid);
    this.transcripts.set(this.pid, new Transcript());
    this.#print();
    return `P${this.pid} is loaded and has not run yet`;
  }

  /** Puts what was uploaded into the laboratory: an archive is unpacked, anything else becomes a program in /bin. */
  async #put() {
    const [file] = this.upload.files ?? [];
    if (!file) return '';
    const bytes = await file.arrayBuffer();
    this.upload.value = '';
    if (ARCHIVE.test(file.name)) {
      await sent(`${this.api}/archives?name=${encodeURIComponent(file.name)}`, bytes);
      return `${file.name} is unpacked`;
    }
    const path = `/bin/${file.name}`;
    await this.#file(path, bytes);
    const isElf = ELF.every((byte, i) => new Uint8Array(bytes)[i] === byte);
    this.uploaded.push(path);
    this.draw();
    this.program.value = path;
    return `${path} is there${isElf ? '' : ', but is no ELF file'}`;
  }

  /** @param {string} path @param {ArrayBuffer} bytes */
  #file(path, bytes) {
    return sent(`${this.api}/files${path.split('/').map(encodeURIComponent).join('/')}?mode=0755`, bytes);
  }

  /** @param {string} text @param {boolean} end */
  async #send(text, end) {
    const { errno, why } = await ask(this.view.info.id, { do: 'input', pid: this.pid, ...(end ? { end } : { data: { text } }) });
    if (errno) return `-1 ${errno}: ${why}`;
    this.transcripts.get(this.pid)?.typed(end ? '⟨end of input⟩\n' : text);
    this.line.value = '';
    this.#print();
    return 'It reads that when it runs on';
  }

  /** Runs by the command's own form, so that the outcome stands where all outcomes stand. @param {string} until */
  #run(until) {
    const breakpoint = this.address.value.trim();
    if (until === 'address' && !breakpoint) {
      fill(this.note, 'Which address? The tab “code” shows those of the instructions.');
      this.address.focus();
      return;
    }
    const values = { pid: this.pid, ...(until === 'address' ? { breakpoint } : { until }) };
    fill(this.note);
    /** @type {any} */ (globalThis).htmx.ajax('POST', `/labs/${encodeURIComponent(this.view.info.id)}/forms/run`, { target: '#answer', values });
  }

  async #hear() {
    const { pid } = this;
    const at = `${this.api}/processes/${pid}`;
    const [out, err] = await Promise.all([fetched(`${at}/stdout`), fetched(`${at}/stderr`)]);
    if (!out.ok || !err.ok) return;
    let transcript = this.transcripts.get(pid);
    if (!transcript) this.transcripts.set(pid, (transcript = new Transcript()));
    transcript.hear('err', err.text);
    transcript.hear('out', out.text);
    if (pid === this.pid) this.#print();
  }

  #print() {
    const transcript = this.transcripts.get(this.pid);
    const atEnd = this.text.scrollTop + this.text.clientHeight > this.text.scrollHeight - 8;
    fill(
      this.text,
      transcript?.cut ? h('span.hint', {}, '… what came before is not shown\n') : null,
      ...(transcript?.pieces.map(({ stream, text }) => h(`span.${stream}`, { title: { out: 'standard output', err: 'standard error', in: 'typed' }[stream] }, text)) ?? []),
      transcript?.pieces.length ? null : h('span.hint', {}, 'Nothing was written yet. Load a program, then run it.'),
    );
    if (atEnd) this.text.scrollTop = this.text.scrollHeight;
  }
}

/** @param {import('./state.js').State} state @param {number} pid */
export function nameOf(state, pid) {
  const process = state.table('process').get(pid);
  return `P${pid} ${process ? state.text(process.name) : '(ended)'}`;
}

/** @param {string} path @param {ArrayBuffer} body */
async function sent(path, body) {
  const response = await fetch(path, { method: 'PUT', body, headers: { 'Content-Type': 'application/octet-stream' } });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  if (answer.errno) throw new Error(`-1 ${answer.errno}: ${answer.why}`);
}
