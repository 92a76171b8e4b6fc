/**
 * The dialogs in which the reader says where to go: by number or address, by words that the log has, or by what was
 * noted. Each is opened by a key and by a button, and gives the keyboard back where it was.
 */
import { recordText } from './change-words.js';
import { create, fill, h, one } from './dom.js';
import { destination } from './goto.js';
import { rove, stop } from './roving.js';
import { hex } from './schema.js';
import { Search } from './search.js';

/** @param {string} selector @returns {HTMLDialogElement} */
const dialog = (selector) => /** @type {HTMLDialogElement} */ (one(selector));

/** @param {HTMLDialogElement} box @param {string} field @returns {HTMLInputElement} the field, with all its text selected */
function ask(box, field) {
  box.showModal();
  const input = /** @type {HTMLInputElement} */ (one(`[name=${field}]`, box));
  input.select();
  return input;
}

/** @param {HTMLDialogElement} box @param {() => void} asked */
function whenAsked(box, asked) {
  one('form.ask', box).addEventListener('submit', (event) => {
    event.preventDefault();
    asked();
  });
}

/** @param {number} sequence @param {...any} words */
const drawHit = (sequence, ...words) =>
  h('li', { 'data-key': sequence }, h('button.line', { type: 'button', tabindex: -1, 'data-record': sequence }, h('span.number', {}, `#${sequence}`), h('span', {}, ...words)));

/** @param {HTMLDialogElement} box @param {import('./dom.js').Description[]} lines */
function list(box, lines) {
  const hits = one('.hits', box);
  fill(hits, ...lines);
  stop(hits, '.line');
}

/** A list whose lines lead to a record, after which the dialog has done its work. @param {HTMLDialogElement} box @param {import('./laboratory.js').Laboratory} laboratory */
function leads(box, laboratory) {
  const hits = one('.hits', box);
  rove(hits, '.line');
  hits.addEventListener('click', ({ target }) => {
    const line = target instanceof Element ? target.closest('[data-record]') : null;
    if (!line) return;
    box.close();
    laboratory.seek(Number(line.getAttribute('data-record')), 'change');
  });
}

export class Goto {
  /** @param {import('./view.js').View} view @param {(item: string) => void} pin selects an item and brings it into sight */
  constructor(view, pin) {
    this.view = view;
    this.pin = pin;
    this.box = dialog('#goto');
    this.note = one('.dialog-note', this.box);
    whenAsked(this.box, () => this.#go());
  }

  open() {
    this.note.textContent = '';
    ask(this.box, 'place');
  }

  #go() {
    const { view, box } = this;
    const { laboratory, selection, state } = view;
    const place = destination(/** @type {HTMLInputElement} */ (one('[name=place]', box)).value);
    const { start, head } = laboratory.history;
    if ('wrong' in place) this.note.textContent = `Say where: ${place.wrong}`;
    else if ('record' in place && (place.record < start || place.record > head)) this.note.textContent = `The log has records ${start} to ${head}.`;
    else if ('frame' in place && place.frame >= view.info.frames) this.note.textContent = `The machine has ${view.info.frames} frames, ${hex(0)} to ${hex(view.info.frames - 1)}.`;
    else if ('address' in place && !state.table('process').has(selection.pid)) this.note.textContent = 'There is no process whose address it could be.';
    else {
      box.close();
      if ('record' in place) laboratory.seek(place.record, 'change');
      else if ('address' in place) selection.show(selection.pid, place.address);
      else this.pin(`frame:${place.frame}`);
    }
  }
}

export class SearchDialog {
  /** @param {import('./view.js').View} view @param {() => void} found the moments that were found are others now */
  constructor(view, found) {
    this.view = view;
    this.found = found;
    this.box = dialog('#search');
    this.search = new Search((record) => recordText(view, record));
    this.running = false;
    whenAsked(this.box, () => /** @type {?HTMLElement} */ (this.box.querySelector('[data-record]'))?.click());
    one('[name=words]', this.box).addEventListener('input', () => this.#begin());
    one('[name=words]', this.box).addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') /** @type {?HTMLElement} */ (this.box.querySelector('[data-record]'))?.focus();
    });
    leads(this.box, view.laboratory);
  }

  open() {
    ask(this.box, 'words');
    this.#begin();
  }

  get moments() {
    return this.search.hits.map(({ sequence }) => sequence);
  }

  #begin() {
    this.search.begin(/** @type {HTMLInputElement} */ (one('[name=words]', this.box)).value, this.view.laboratory.history);
    if (!this.running) this.#look();
  }

  /** A slice of the log, and the next one after the browser has drawn. */
  #look() {
    const { search, box } = this;
    search.slice(this.view.laboratory.history);
    const { hits, isFull, words } = search;
    const going = search.isDone ? '' : `, looking at #${search.at} …`;
    one('.search-note', box).textContent = words.length ? `${hits.length}${isFull ? ' or more' : ''} found${going}` : 'What a step says, or what a change writes.';
    this.running = !search.isDone;
    if (this.running) setTimeout(() => this.#look());
    else list(box, hits.map(({ sequence, text }) => drawHit(sequence, text)));
    this.found();
  }
}

export class NotesDialog {
  /** @param {import('./view.js').View} view @param {import('./notes.js').Notes} notes */
  constructor(view, notes) {
    this.view = view;
    this.notes = notes;
    this.box = dialog('#notes');
    this.at = 0;
    const field = /** @type {HTMLInputElement} */ (one('[name=text]', this.box));
    this.field = field;
    whenAsked(this.box, () => {
      notes.put(this.at, field.value);
      this.box.close();
    });
    one('.note-remove', this.box).addEventListener('click', () => {
      notes.remove(this.at);
      this.box.close();
    });
    one('.note-save', this.box).addEventListener('click', () => this.#save());
    one('[type=file]', this.box).addEventListener('change', ({ target }) => this.#read(/** @type {HTMLInputElement} */ (target)));
    notes.addEventListener('change', () => this.#draw());
    leads(this.box, view.laboratory);
  }

  /** At the moment that is shown. */
  open() {
    this.at = this.view.laboratory.at;
    one('#notes-title', this.box).textContent = `Note at #${this.at}`;
    this.field.value = this.notes.of(this.at)?.text ?? '';
    one('.dialog-note', this.box).textContent = '';
    this.#draw();
    ask(this.box, 'text');
  }

  #draw() {
    const { all } = this.notes;
    one('.note-remove', this.box).hidden = !this.notes.of(this.at);
    /** @type {HTMLButtonElement} */ (one('.note-save', this.box)).disabled = all.length === 0;
    list(this.box, all.map(({ at, text }) => drawHit(at, text || '(a marker)')));
  }

  #save() {
    const link = /** @type {HTMLAnchorElement} */ (create(h('a', { download: 'faultline-notes.txt', href: URL.createObjectURL(new Blob([this.notes.text], { type: 'text/plain' })) })));
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** @param {HTMLInputElement} field */
  async #read(field) {
    const text = (await field.files?.[0]?.text()) ?? '';
    field.value = '';
    const count = this.notes.bring(text);
    one('.dialog-note', this.box).textContent = count ? `${count} read.` : 'That file has no notes: each is a line, #RECORD and the text.';
  }
}
