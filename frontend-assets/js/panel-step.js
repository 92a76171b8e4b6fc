/** The hart as it stands, and what the step that is shown, or the whole of a new story, has changed. */
import { changeWords } from './change-words.js';
import { fill, h } from './dom.js';
import { hex } from './schema.js';

const MOST_CHANGES = 60;

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawStepChanges(panel, view) {
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
    h('ol.changes', {}, ...changes.slice(0, MOST_CHANGES).map((change) => h('li', {}, ...changeWords(view, change))), changes.length > MOST_CHANGES ? h('li', {}, `and ${changes.length - MOST_CHANGES} more`) : null),
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
