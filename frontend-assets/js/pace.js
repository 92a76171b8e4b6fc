/**
 * The pace at which the reader goes through the log: the buttons above the panels and the keys that do the same. Emits
 * nothing; the laboratory tells where the reader has got to.
 */
import { fill, one } from './dom.js';
import { Play } from './play.js';

/** So many steps a second can be told one by one. */
const SLOW = 1;

export class Pace {
  /**
   * @param {import('./laboratory.js').Laboratory} laboratory
   * @param {import('./prediction.js').Prediction} prediction which may want an answer before a step is shown
   * @param {import('./panel-timeline.js').Timeline} timeline
   */
  constructor(laboratory, prediction, timeline) {
    this.laboratory = laboratory;
    this.prediction = prediction;
    this.timeline = timeline;
    this.play = new Play(laboratory, () => Number(/** @type {HTMLSelectElement} */ (one('#speed')).value));
    /** By where they lead. @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-step]'))) {
      const where = button.dataset.step ?? '';
      this.buttons.set(where, button);
      button.addEventListener('click', () => this.step(where));
    }
    this.place = one('.place');
    for (const button of document.querySelectorAll('[data-timeline]')) {
      button.addEventListener('click', () => timeline.look(button.getAttribute('data-timeline') ?? ''));
    }
    const button = one('#play');
    button.addEventListener('click', () => this.play.toggle());
    this.play.addEventListener('change', () => {
      button.setAttribute('aria-pressed', String(this.play.playing));
      button.textContent = this.play.playing ? 'stop' : 'play';
    });
  }

  /** Steps follow one another faster than anybody could hear them told. */
  get isFast() {
    return this.play.playing && this.play.speed() > SLOW;
  }

  /** @param {import('./keys.js').Keys} keys */
  bind(keys) {
    const { laboratory, timeline } = this;
    keys.bind('one step of the story back or on', { ArrowLeft: () => this.step('back'), ArrowRight: () => this.step('next') });
    keys.bind('one record of the log back or on', {
      ',': () => laboratory.seek(laboratory.at - 1, 'change'),
      '.': () => laboratory.seek(laboratory.at + 1, 'change'),
    });
    keys.bind('before the first step, after the last; again: the beginning of all, the newest', {
      Home: () => this.step('first'),
      End: () => this.step('last'),
    });
    keys.bind('next and previous fault', { f: () => this.step('next-fault'), F: () => this.step('previous-fault') });
    keys.bind('tenths of the log', Object.fromEntries([...'0123456789'].map((digit) => [digit, () => laboratory.seek(timeline.at(Number(digit) / 10), 'step')])));
    keys.bind('play the story, or stop; with Shift, a click on a step plays up to it', { ' ': () => this.play.toggle() });
    keys.bind('timeline: zoom in and out, earlier and later; the wheel does too', {
      w: () => timeline.look('in'),
      s: () => timeline.look('out'),
      a: () => timeline.look('earlier'),
      d: () => timeline.look('later'),
    });
  }

  /** @param {string} where 'first', 'back', 'next', 'last', 'previous-fault' or 'next-fault' */
  step(where) {
    const { laboratory, prediction } = this;
    const { story, history, at } = laboratory;
    switch (where) {
      case 'back':
        laboratory.moveBy(-1);
        break;
      case 'next':
        if (prediction.stops()) break;
        laboratory.moveBy(1);
        if (laboratory.story?.position === 0) prediction.ask();
        break;
      case 'first':
        if (story?.position === 0) laboratory.seek(history.start, 'step');
        else laboratory.moveTo(0);
        break;
      case 'last':
        if (story?.atEnd) laboratory.seek(history.head, 'step');
        else laboratory.moveTo(Infinity);
        break;
      default: {
        const fault = where === 'next-fault' ? history.faultFrom(at, 1) : history.faultFrom(story?.current?.first ?? at, -1);
        if (fault !== undefined) laboratory.seekStep(fault);
      }
    }
  }

  /** Plays up to a step of the story, from its beginning where the reader is past it. @param {number} position */
  playTo(position) {
    const { laboratory, play, prediction } = this;
    const { story } = laboratory;
    if (!story || prediction.on) return;
    play.stop();
    if (story.position >= position) laboratory.moveTo(0);
    play.to(story.sequenceAt(position));
  }

  /** Which of the buttons lead anywhere. */
  draw() {
    const { laboratory } = this;
    const { story, history, at } = laboratory;
    const off = {
      first: !story || at <= history.start,
      back: !story || at <= history.start,
      next: !story || laboratory.following,
      last: !story || laboratory.following,
      'previous-fault': history.faultFrom(story?.current?.first ?? at, -1) === undefined,
      'next-fault': history.faultFrom(at, 1) === undefined,
    };
    for (const [where, button] of this.buttons) button.disabled = off[/** @type {keyof typeof off} */ (where)];
    fill(this.place, story ? `${story.position} of ${story.steps.length}` : '');
  }
}
