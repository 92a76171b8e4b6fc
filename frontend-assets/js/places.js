/**
 * The ways to a moment or a place that is named: going to a record, an address or a frame, searching, notes. What was
 * noted and what was found is marked on the timeline, and can be gone through mark by mark.
 */
import { one } from './dom.js';
import { nearest, Notes } from './notes.js';
import { Goto, NotesDialog, SearchDialog } from './panel-dialogs.js';

export class Places {
  /**
   * @param {import('./view.js').View} view
   * @param {import('./panel-timeline.js').Timeline} timeline
   * @param {{pin: (item: string) => void, say: (sentence: string) => void}} page
   */
  constructor(view, timeline, { pin, say }) {
    this.laboratory = view.laboratory;
    this.timeline = timeline;
    this.say = say;
    this.notes = new Notes(document.body.dataset.recording ?? view.info.id, store());
    this.goto = new Goto(view, pin);
    this.search = new SearchDialog(view, () => this.#mark());
    this.noting = new NotesDialog(view, this.notes);
    this.notes.addEventListener('change', () => this.#mark());
    this.#mark();
    one('#goto-button').addEventListener('click', () => this.goto.open());
    one('#search-button').addEventListener('click', () => this.search.open());
    one('#notes-button').addEventListener('click', () => this.noting.open());
  }

  /** @param {import('./keys.js').Keys} keys */
  bind(keys) {
    keys.bind('go to a record, an address or a frame', { g: () => this.goto.open() });
    keys.bind('search changes and steps', { '/': () => this.search.open() });
    keys.bind('a note, or just a marker, at this moment', { n: () => this.noting.open() });
    keys.bind('to the previous and next moment that was noted or found', { '[': () => this.#toMark(-1), ']': () => this.#toMark(1) });
  }

  #mark() {
    this.timeline.mark({ notes: this.notes.all.map(({ at }) => at), hits: this.search.moments });
  }

  /** @param {1|-1} direction */
  #toMark(direction) {
    const { notes, hits } = this.timeline.marks;
    const { at } = this.laboratory;
    const moment = nearest([...notes, ...hits], at, direction);
    if (moment === null) {
      this.say(notes.length + hits.length ? `Nothing is marked ${direction > 0 ? 'after' : 'before'} #${at}` : 'Nothing is marked: n notes this moment, / finds others');
      return;
    }
    this.laboratory.seek(moment, 'change');
    const note = this.notes.of(moment);
    if (note?.text) this.say(note.text);
  }
}

/** A browser may forbid a page to keep anything: then nothing is kept. @returns {import('./notes.js').Store} */
function store() {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}
