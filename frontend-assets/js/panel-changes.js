/**
 * The records of the log in words, one line each, however many there are: only the lines in sight exist. A line takes
 * the reader to the moment right after it, and selects what a change has changed.
 */
import { changeWords, recordText } from './change-words.js';
import { fill, h, one } from './dom.js';
import { drawnScale } from './palette.js';
import { itemsOf } from './view.js';

/** Pixels of a line, as the style sheet has them. */
const lineHeight = () => 20 * drawnScale();
/** No browser draws an element much taller than this; of a longer log several records share a pixel of the scroll bar. */
const TALLEST = 16_000_000;

export class ChangeList {
  /** @param {HTMLElement} panel @param {import('./view.js').View} view */
  constructor(panel, view) {
    this.panel = panel;
    this.view = view;
    this.scroller = one('.log', panel);
    this.spacer = one('.spacer', panel);
    this.lines = one('.lines', panel);
    this.revealed = -1;
    this.scroller.addEventListener('scroll', () => this.paint(), { passive: true });
    this.scroller.addEventListener('keydown', (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      view.laboratory.seek(view.laboratory.at + by, 'change');
    });
  }

  get count() {
    const { start, head } = this.view.laboratory.history;
    return head - start;
  }

  draw() {
    const { laboratory } = this.view;
    this.spacer.style.height = `${Math.min(TALLEST, this.count * lineHeight())}px`;
    if (laboratory.at !== this.revealed) this.#reveal(laboratory.at - laboratory.history.start - 1);
    this.revealed = laboratory.at;
    this.paint();
  }

  /** How many pixels of scrolling a record takes. */
  get step() {
    return Math.min(lineHeight(), TALLEST / Math.max(1, this.count));
  }

  /** @param {number} index */
  #reveal(index) {
    const { scrollTop, clientHeight } = this.scroller;
    const seen = clientHeight / lineHeight();
    const top = scrollTop / this.step;
    if (index < top || index > top + seen - 2) this.scroller.scrollTop = Math.max(0, (index - seen / 2) * this.step);
  }

  /** Draws the lines in sight. */
  paint() {
    const { laboratory } = this.view;
    const { history } = laboratory;
    const { scrollTop, clientHeight } = this.scroller;
    const seen = Math.ceil(clientHeight / lineHeight()) + 1;
    const first = Math.max(0, Math.min(Math.floor(scrollTop / this.step), this.count - seen + 1));
    const last = Math.min(this.count, first + seen);
    this.lines.style.transform = `translateY(${this.step === lineHeight() ? first * lineHeight() : scrollTop}px)`;
    const from = history.start + 1 + first;
    const records = last > first ? [...history.records(from, history.start + last)] : [];
    fill(this.lines, ...records.map((record) => this.#line(record)));
  }

  /** @param {import('./wire.js').LogRecord} record */
  #line(record) {
    const { sequence } = record;
    const { at, history } = this.view.laboratory;
    const item = 'key' in record ? itemsOf(this.view.schema.tables[record.ordinal], record)[0] : undefined;
    return h(
      'li',
      { class: `${record.type.toLowerCase()} ${sequence === at ? 'here' : sequence > at ? 'ahead' : ''}`, 'data-item': item, 'aria-setsize': this.count, 'aria-posinset': sequence - history.start },
      h('button.line', { type: 'button', tabindex: -1, 'data-seek': sequence, 'aria-current': sequence === at ? 'true' : undefined }, h('span.number', {}, `#${sequence}`), ...this.#words(record)),
    );
  }

  /** @param {import('./wire.js').LogRecord} record @returns {any[]} */
  #words(record) {
    const text = recordText(this.view, record);
    switch (record.type) {
      case 'STRING':
      case 'OUTCOME':
        return [h('i', {}, text)];
      case 'OPERATION':
        return [h('b', {}, text)];
      case 'STEP': {
        const { actor } = this.view.schema.steps[record.ordinal];
        return [h('b.actor', { class: actor.toLowerCase() }, actor), text.slice(actor.length)];
      }
      default:
        return changeWords(this.view, record);
    }
  }
}
