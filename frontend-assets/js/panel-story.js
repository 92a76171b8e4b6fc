/**
 * The story of the last operation: who did what, in order. Each actor has a lane, so that the way from the CPU to the
 * MMU, into the kernel and back can be seen at a glance.
 */
import { sizeOf } from './box-size.js';
import { fill, h, lazy, one } from './dom.js';
import { drawnScale } from './palette.js';
import { counted, hex } from './schema.js';

const ACTORS = ['CPU', 'MMU', 'KERNEL', 'DISK'];
const FAULTS = {
  none: '',
  minor: '◐ minor fault, mended',
  major: '● major fault, mended',
  fatal: '✖ fault, not mended',
};
const NOTHING = 'Nothing has happened here yet.';
/** A story of at most so many steps is listed whole, and of a longer one the beginning while it is new. */
const SHORT = 48;
/** Else the list reaches from so many steps before the one that is shown as far as can be seen; it grows where somebody scrolls to its end. */
const BEHIND = 8;
const MORE = 60;
/** Pixels from the end of the list, and of the lowest step. */
const NEAR = 120;
const LOWEST = 24;

export class StoryPanel {
  /** @param {HTMLElement} panel @param {() => void} again asks for another drawing */
  constructor(panel, again) {
    this.again = again;
    this.sentence = one('.sentence', panel);
    this.list = one('.steps', panel);
    this.end = one('.outcome-now', panel);
    /** Around which step the list stands, and how far it reaches. */
    this.stretch = { around: '', behind: 0, ahead: 0 };
    this.list.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  /** @param {import('./view.js').View} view @param {boolean} hides what comes after the moment must not be seen */
  draw({ story }, hides) {
    if (!story) {
      fill(this.sentence, NOTHING);
      fill(this.list);
      fill(this.end);
      return;
    }
    fill(this.sentence, ...typeset(hides ? `${story.beginning} …` : story.sentence));
    fill(this.end, ...(hides ? [] : drawOutcome(story)));
    const middle = story.fresh ? 0 : story.position;
    const around = `${story.operation.sequence} ${middle}`;
    const isWhole = story.fresh || story.steps.length <= SHORT;
    if (around !== this.stretch.around) this.stretch = { around, behind: isWhole ? SHORT : BEHIND, ahead: isWhole ? SHORT : Math.ceil((sizeOf(this.list).height + NEAR) / (LOWEST * drawnScale())) };
    const from = Math.max(0, middle - this.stretch.behind);
    const last = hides ? story.position : story.steps.length;
    const shown = story.steps.slice(from, Math.min(last, middle + this.stretch.ahead));
    const after = from + shown.length;
    fill(
      this.list,
      from > 0 ? drawMore('before', from, counted(from, 'earlier step', 'earlier steps')) : null,
      ...shown.map((step, i) => drawStep(story, step, from + i + 1)),
      after < last ? drawMore('after', after + 1, counted(last - after, 'later step', 'later steps')) : null,
    );
  }

  #scrolled() {
    const { list, stretch } = this;
    const { scrollTop, clientHeight, scrollHeight } = list;
    const isAtStart = scrollTop < NEAR && list.querySelector('[data-more=before]');
    const isAtEnd = scrollTop + clientHeight > scrollHeight - NEAR && list.querySelector('[data-more=after]');
    if (isAtStart) stretch.behind += MORE;
    if (isAtEnd) stretch.ahead += MORE;
    if (isAtStart || isAtEnd) this.again();
  }

  /** Brings the step that is shown into sight, by scrolling the list alone. @param {boolean} fresh a new story is read from its beginning */
  reveal(fresh) {
    const { list } = this;
    const current = /** @type {?HTMLElement} */ (list.querySelector('.current'));
    if (!current || fresh) {
      list.scrollTop = 0;
      return;
    }
    const top = current.offsetTop;
    if (top < list.scrollTop + 24) list.scrollTop = Math.max(0, top - 24);
    else if (top + current.offsetHeight > list.scrollTop + list.clientHeight - 24) {
      list.scrollTop = top + current.offsetHeight - list.clientHeight + 24;
    }
  }
}

/** Who did what at the step that is shown, where the story itself may be behind a tab. @param {HTMLElement} line @param {?import('./story.js').Story} story @param {boolean} hides */
export function drawStepNow(line, story, hides) {
  const step = story?.fresh && !hides ? null : story?.current;
  const actor = step?.actor ?? '';
  const words = !story ? NOTHING : step ? story.text(step) : story.fresh && !hides ? story.sentence : `${story.beginning} …`;
  fill(line, actor ? h('b.actor', { class: actor.toLowerCase() }, actor) : null, h('span', {}, ...typeset(words)));
}

/** The way to the steps that are not in the list. @param {'before'|'after'} where @param {number} step @param {string} words */
const drawMore = (where, step, words) => h('li.more', { 'data-key': where, 'data-more': where }, h('button.quiet', { type: 'button', 'data-goto': step }, words));

/** @param {import('./story.js').Story} story @param {import('./story.js').Step} step @param {number} number */
function drawStep(story, step, number) {
  const when = number > story.position ? 'future' : number < story.position || story.fresh ? 'past' : 'current';
  const { count } = step;
  const key = `${story.operation.sequence}.${number}`;
  return lazy('li', [step, when, count], () => describeStep(story, step, number, when, count, key), key);
}

/** @param {import('./story.js').Story} story @param {import('./story.js').Step} step @param {number} number @param {string} when @param {number} count of its changes @param {string} key */
function describeStep(story, step, number, when, count, key) {
  const { actor } = step;
  const here = when === 'current';
  return h(
    'li',
    { 'data-key': key, class: `step ${when} ${step.kind?.decides ? 'decides' : ''}` },
    h(
      'button.step-button',
      { type: 'button', 'data-goto': number, 'aria-current': here ? 'step' : undefined },
      h('span.step-number', {}, String(number)),
      h('span.lanes', {}, h('b.actor', { class: `${actor.toLowerCase()} lane${ACTORS.indexOf(actor)}` }, actor)),
      h('span.step-text', {}, typeset(story.text(step))),
      count ? h('span.count', { title: `${counted(count, 'change', 'changes')} by this step` }, `Δ${count}`) : null,
    ),
    here ? null : h('button.run-here', { type: 'button', 'data-play-to': number, title: 'play up to this step (Shift and click)' }, '▶ to here'),
  );
}

const FLAGS = /([V-][R-][W-][X-][U-][G-][A-][D-])/;

/** Numbers that change are told with an arrow; neither it nor the bits of an entry break over a line. @param {string} sentence */
export const typeset = (sentence) => sentence.replaceAll(' -> ', '\u00a0→\u00a0').split(FLAGS).map((part, i) => (i % 2 ? h('span.bits', {}, part) : part));

/** @param {import('./story.js').Story} story */
function drawOutcome(story) {
  const { outcome, fault } = story;
  const parts = [];
  if (FAULTS[fault]) parts.push(h('span.fault', { class: fault }, FAULTS[fault]));
  if (outcome?.signal) {
    parts.push(h('span.signal', {}, `${outcome.signal} ${outcome.code} at ${hex(outcome.address)}`));
  } else if (outcome?.errno) {
    parts.push(h('span.signal', {}, `-1 ${outcome.errno}`));
  }
  return parts;
}
