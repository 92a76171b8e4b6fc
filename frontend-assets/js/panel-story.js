/**
 * The story of the last operation: who did what, in order. Each actor has a lane, so that the way from the CPU to the
 * MMU, into the kernel and back can be seen at a glance. Beside the steps stands the hart and what the step changed.
 */
import { fill, h, markLetters, one } from './dom.js';
import { entryFlags, hex, write } from './schema.js';
import { ppnOf } from './walk.js';

const ACTORS = ['CPU', 'MMU', 'KERNEL', 'DISK'];
const FAULTS = {
  none: '',
  minor: '◐ minor fault, mended',
  major: '● major fault, mended',
  fatal: '✖ fault, not mended',
};
const IN_SIGHT = 50;
const MOST_CHANGES = 60;

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawStory(panel, view) {
  const { story } = view;
  const sentence = one('.sentence', panel);
  const steps = one('.steps', panel);
  const place = one('.place', panel);
  const end = one('.outcome-now', panel);
  for (const [name, off] of Object.entries({ first: !story || story.position === 0, back: !story || story.position === 0, next: !story || story.atEnd, last: !story || story.atEnd })) {
    /** @type {HTMLButtonElement} */ (one(`[data-step="${name}"]`, panel)).disabled = off;
  }
  if (!story) {
    fill(sentence, 'Nothing has happened here yet.');
    fill(steps);
    fill(place);
    fill(end);
    return;
  }
  fill(sentence, arrows(story.sentence));
  fill(place, `${story.position} of ${story.steps.length}`);
  fill(end, ...drawOutcome(story));
  const middle = story.fresh ? 0 : story.position;
  const from = Math.max(0, middle - IN_SIGHT);
  const shown = story.steps.slice(from, middle + IN_SIGHT);
  fill(
    steps,
    from > 0 ? h('li.more', { 'data-key': 'before' }, h('button.quiet', { type: 'button', 'data-goto': from }, `${from} earlier steps`)) : null,
    ...shown.map((step, i) => drawStep(story, step, from + i + 1)),
    from + shown.length < story.steps.length ? h('li.more', { 'data-key': 'after' }, h('button.quiet', { type: 'button', 'data-goto': from + shown.length + 1 }, `${story.steps.length - from - shown.length} later steps`)) : null,
  );
  drawMachine(one('.machine', panel), view);
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
  );
}

/** Numbers that change are told with an arrow, which does not break over a line. @param {string} sentence */
const arrows = (sentence) => sentence.replaceAll(' -> ', '\u00a0→\u00a0');

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

/** The hart's registers and the changes of the step. @param {HTMLElement} panel @param {import('./view.js').View} view */
function drawMachine(panel, view) {
  const { state, story, schema } = view;
  const hart = state.rows('hart')[0];
  const changes = story?.changes ?? [];
  const privilege = hart ? schema.symbol('privilege', hart.privilege) : '';
  fill(
    panel,
    hart
      ? h(
          'div.hart',
          {},
          h('b.light', { class: privilege === 'U' ? 'user' : 'kernel', title: 'privilege of the hart' }, privilege === 'U' ? 'U-mode' : privilege === 'S' ? 'S-mode' : `${privilege}-mode`),
          ...['satp', 'scause', 'stval', 'sepc'].map((name) => h('span', {}, `${name} `, h('code', {}, name === 'satp' ? satp(hart.satp) : hex(hart[name])))),
        )
      : null,
    h('h3', {}, heading(story, changes.length)),
    h('ol.changes', {}, ...changes.slice(0, MOST_CHANGES).map((change) => drawChange(view, change)), changes.length > MOST_CHANGES ? h('li', {}, `and ${changes.length - MOST_CHANGES} more`) : null),
  );
}

/** @param {?import('./story.js').Story} story @param {number} changes */
function heading(story, changes) {
  if (story?.fresh) return changes === 1 ? '1 change by the whole operation' : `${changes} changes by the whole operation`;
  if (story?.position === 0) return 'Before the first step';
  return changes ? 'This step changed' : 'This step changed nothing';
}

/** The root's frame is what matters of satp; the whole register is in the title of the story's step. @param {any} value */
function satp(value) {
  const ppn = BigInt.asUintN(64, BigInt(value)) & ((1n << 44n) - 1n);
  return `→ ${hex(ppn)}`;
}

/** @param {import('./view.js').View} view @param {import('./wire.js').Change} change */
function drawChange(view, change) {
  const { schema, state } = view;
  const table = schema.tables[change.ordinal];
  const sign = { INSERT: '+', UPDATE: '~', DELETE: '−' }[change.type];
  const text = (/** @type {number} */ column, /** @type {any} */ value) => {
    if (isEntry(table, column)) return `${hex(ppnOf(value))} ${entryFlags(value)}`;
    return write(value, table.columns[column].format, state.strings);
  };
  const body =
    change.type === 'UPDATE'
      ? change.columns.map((column, nth) => [
          table.columns[column].name,
          `${text(column, change.before[nth])} → `,
          isEntry(table, column) ? entryDifference(change.before[nth], change.after[nth]) : text(column, change.after[nth]),
        ])
      : summary(table, change.values).map((column) => [table.columns[column].name, text(column, change.values[column])]);
  return h(
    'li',
    {},
    h('b', { class: change.type.toLowerCase() }, `${sign} ${table.name} `),
    h('code', {}, keyText(table, change.key)),
    ...body.map(([name, ...words]) => h('span.column', {}, ` ${name} `, h('code', {}, ...words))),
  );
}

/** @param {import('./schema.js').Table} table @param {number} column */
const isEntry = (table, column) => table.name === 'pte' && table.columns[column].name === 'value';

/** The new value of an entry, with the bits marked that changed. @param {any} before @param {any} after */
function entryDifference(before, after) {
  const old = entryFlags(before);
  return [`${hex(ppnOf(after))} `, ...markLetters(entryFlags(after), (letter, place) => letter !== old[place])];
}

/** The columns that tell a new or a lost row: those that are not its key and not zero. @param {import('./schema.js').Table} table @param {any[]} values */
function summary(table, values) {
  return table.columns.map((_, i) => i).filter((i) => i > 0 && values[i] !== 0).slice(0, 5);
}

/** @param {import('./schema.js').Table} table @param {any} key */
function keyText(table, key) {
  if (table.name === 'cached_page' || table.name === 'descriptor') {
    return `${BigInt(key) >> 32n}:${BigInt(key) & 0xffffffffn}`;
  }
  return write(key, table.columns[0].format, []);
}
