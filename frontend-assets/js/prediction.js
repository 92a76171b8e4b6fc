/**
 * Prediction: what comes is hidden until the reader has said what it will be. A new story is gone back to its beginning
 * before it is drawn, so that this works live, and each step is asked about before it is shown. Emits `change` when a
 * question comes, is answered or goes.
 *
 * @typedef {import('./questions.js').Question} Question
 */
import { fill, h } from './dom.js';
import { questionAbout, questionsBefore } from './questions.js';

export class Prediction extends EventTarget {
  /** @param {HTMLElement} box where questions are shown @param {import('./laboratory.js').Laboratory} laboratory */
  constructor(box, laboratory) {
    super();
    this.box = box;
    this.laboratory = laboratory;
    this.on = false;
    /** @type {?Question} */
    this.question = null;
    /** What was answered to the question that is shown, or -1. */
    this.answer = -1;
    /** What was asked already is not asked again. @type {Set<string>} */
    this.asked = new Set();
    this.right = 0;
    this.of = 0;
    /** The moment at which the question was asked. */
    this.askedAt = -1;
    laboratory.addEventListener('moved', () => this.#moved());
    box.addEventListener('click', ({ target }) => {
      const option = target instanceof Element ? target.closest('[data-option]') : null;
      if (option) this.choose(Number(option.getAttribute('data-option')));
    });
    box.addEventListener('keydown', (event) => this.#key(event));
  }

  /** What comes next must not be seen. */
  get hides() {
    const { story } = this.laboratory;
    return this.on && story !== null && !story.atEnd;
  }

  toggle() {
    this.on = !this.on;
    this.#show(null);
    if (this.on) this.begin();
  }

  /** A new story came, or the mode began: back to before its first step, and the first question. */
  begin() {
    if (!this.on || !this.laboratory.story) return;
    this.laboratory.moveTo(0);
    this.ask();
  }

  /** Asks what there is to ask where the reader stands. @returns {boolean} whether there is a question now */
  ask() {
    const { story, state, underway } = this.laboratory;
    if (!this.on || !story) return false;
    if (underway) {
      this.laboratory.addEventListener('moved', () => this.ask(), { once: true });
      return false;
    }
    const due = story.position === 0 && !story.atEnd ? questionsBefore(story, state) : [];
    const about = questionAbout(story, state);
    if (about && due.every(({ key }) => this.asked.has(key))) due.push(about);
    const next = due.find(({ key }) => !this.asked.has(key)) ?? null;
    this.#show(next);
    return next !== null;
  }

  /** Who goes elsewhere leaves a question behind. */
  #moved() {
    if (this.question && this.answer < 0 && this.laboratory.at !== this.askedAt) this.#show(null);
  }

  /** The reader wants to go on. @returns {boolean} whether something stands in the way: a question that comes now */
  stops() {
    if (!this.on) return false;
    if (this.question && this.answer < 0) {
      this.asked.add(this.question.key); // they would rather see it
      const ofOperation = this.question.key.startsWith('operation');
      this.#show(null);
      return ofOperation && this.ask();
    }
    return this.ask();
  }

  /** @param {number} option */
  choose(option) {
    const { question } = this;
    if (!question || this.answer >= 0 || !question.options[option]) return;
    this.answer = option;
    this.asked.add(question.key);
    this.of++;
    if (option === question.right) this.right++;
    this.#draw();
    this.dispatchEvent(new CustomEvent('answered', { detail: this.verdict }));
    /** @type {?HTMLElement} */ (this.box.querySelector('.verdict'))?.focus();
  }

  get verdict() {
    const { question, answer } = this;
    if (!question || answer < 0) return '';
    return answer === question.right ? 'Right.' : `No: ${question.options[question.right]}.`;
  }

  /** @param {?Question} question */
  #show(question) {
    const focused = this.box.contains(document.activeElement);
    this.question = question;
    this.answer = -1;
    this.askedAt = this.laboratory.at;
    this.#draw();
    this.dispatchEvent(new Event('change'));
    if (question) /** @type {?HTMLElement} */ (this.box.querySelector('[data-option]'))?.focus();
    else if (focused && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  #draw() {
    const { question, answer } = this;
    this.box.hidden = !this.on;
    if (!this.on) return;
    const score = h('span.score', {}, this.of ? `${this.right} of ${this.of} right` : 'predict what comes');
    if (!question) {
      fill(this.box, h('p.question-head', {}, h('span', {}, this.laboratory.story?.atEnd ? 'This story is told. The next command will be asked about.' : 'Step on (→) for the next question.'), score));
      return;
    }
    fill(
      this.box,
      h('p.question-head', { id: 'question-text' }, h('b', {}, question.ask), score),
      h(
        'div.choices',
        { role: 'group', 'aria-labelledby': 'question-text', 'data-key': question.key },
        ...question.options.map((option, i) => this.#option(option, i)),
      ),
      h('p.verdict', { tabindex: -1, hidden: answer < 0, class: answer === question.right ? 'good' : 'bad' }, this.verdict, answer < 0 ? '' : h('span.fact', {}, ' → goes on')),
    );
  }

  /** @param {string} option @param {number} i */
  #option(option, i) {
    const { question, answer } = this;
    const state = answer < 0 ? '' : i === question?.right ? 'right' : i === answer ? 'wrong' : '';
    return h('button.option', { type: 'button', 'data-option': i, class: state, 'aria-disabled': answer >= 0 ? 'true' : undefined }, h('kbd', {}, String(i + 1)), h('span', {}, option), state === 'right' ? ' ✓' : state === 'wrong' ? ' ✗' : '');
  }

  /** Digits answer and up and down move, while a question waits; the page's own keys are for afterwards. @param {KeyboardEvent} event */
  #key(event) {
    if (!this.question || this.answer >= 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const options = /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll('[data-option]')]);
    const at = options.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (/^[1-9]$/.test(event.key)) this.choose(Number(event.key) - 1);
    else if (event.key === 'ArrowDown') options[(at + 1) % options.length].focus();
    else if (event.key === 'ArrowUp') options[(at + options.length - 1) % options.length].focus();
    else if (event.key !== ' ') return;
    if (event.key === ' ') event.stopPropagation();
    else event.preventDefault();
  }
}
