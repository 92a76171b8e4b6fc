/**
 * The story of the last operation: who did what, in order. Each actor has a lane, so that the way from the CPU to the
 * MMU, into the kernel and back can be seen at a glance.
 */
import { fill, h, one } from './dom.js';
import { hex } from './schema.js';

const ACTORS = ['CPU', 'MMU', 'KERNEL', 'DISK'];
const FAULTS = {
  none: '',
  minor: '◐ minor fault, mended',
  major: '● major fault, mended',
  fatal: '✖ fault, not mended',
};
const IN_SIGHT = 50;

/** @param {HTMLElement} panel @param {import('./view.js').View} view @param {boolean} hides what comes after the moment must not be seen */
export function drawStory(panel, view, hides) {
  const { story } = view;
  const sentence = one('.sentence', panel);
  const steps = one('.steps', panel);
  const end = one('.outcome-now', panel);
  if (!story) {
    fill(sentence, 'Nothing has happened here yet.');
    fill(steps);
    fill(end);
    return;
  }
  fill(sentence, arrows(hides ? `${story.beginning} …` : story.sentence));
  fill(end, ...(hides ? [] : drawOutcome(story)));
  const middle = story.fresh ? 0 : story.position;
  const from = Math.max(0, middle - IN_SIGHT);
  const last = hides ? story.position : story.steps.length;
  const shown = story.steps.slice(from, Math.min(last, middle + IN_SIGHT));
  fill(
    steps,
    from > 0 ? h('li.more', { 'data-key': 'before' }, h('button.quiet', { type: 'button', 'data-goto': from }, `${from} earlier steps`)) : null,
    ...shown.map((step, i) => drawStep(story, step, from + i + 1)),
    from + shown.length < last ? h('li.more', { 'data-key': 'after' }, h('button.quiet', { type: 'button', 'data-goto': from + shown.length + 1 }, `${last - from - shown.length} later steps`)) : null,
  );
}

/** Brings the step that is shown into sight, by scrolling the list alone. @param {HTMLElement} panel @param {boolean} fresh a new story is read from its beginning */
export function revealStep(panel, fresh) {
  const list = one('.steps', panel);
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

/** @param {import('./story.js').Story} story @param {import('./story.js').Step} step @param {number} number */
function drawStep(story, step, number) {
  const actor = step.kind?.actor ?? 'KERNEL';
  const here = number === story.position;
  const when = here ? 'current' : number < story.position ? 'past' : 'future';
  return h(
    'li',
    { 'data-key': `${story.operation.sequence}.${number}`, class: `step ${when} ${step.kind?.decides ? 'decides' : ''}` },
    h(
      'button.step-button',
      { type: 'button', 'data-goto': number, 'aria-current': here ? 'step' : undefined },
      h('span.step-number', {}, String(number)),
      h('span.lanes', {}, h('b.actor', { class: `${actor.toLowerCase()} lane${ACTORS.indexOf(actor)}` }, actor)),
      h('span.step-text', {}, arrows(story.text(step))),
      step.changes.length ? h('span.count', { title: 'changes' }, `Δ${step.changes.length}`) : null,
    ),
    here ? null : h('button.run-here', { type: 'button', 'data-play-to': number, title: 'play up to this step (Shift and click)' }, '▶ to here'),
  );
}

/** Numbers that change are told with an arrow, which does not break over a line. */
export const arrows = (/** @type {string} */ sentence) => sentence.replaceAll(' -> ', '\u00a0→\u00a0');

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
