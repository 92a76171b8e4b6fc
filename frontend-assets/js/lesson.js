/**
 * A scenario on the page of its laboratory: what is said, the command that comes next, and what came of it. How many
 * commands were given stands in the address, so that a lesson can be reloaded and passed on.
 *
 * @typedef {{title: string, say: string, command: Record<string, any>, look: ?{pid: number, address: string}, tab: ?string, moment: ?string}} Step
 * @typedef {{id: string, title: string, watch: string, teaches: string, steps: Step[], beside: ?{title: string, here: string, commands: any[]}}} Scenario
 */
import { cCall } from './c-call.js';
import { fill, h, one, reveal } from './dom.js';
import { drawMarkdown } from './markdown.js';

export class Lesson extends EventTarget {
  /**
   * Emits `asked` before a command is given and `given` when it was answered.
   *
   * @param {HTMLElement} panel
   * @param {Scenario} scenario
   * @param {(command: Record<string, any>, index: number) => Promise<import('./give.js').Outcome>} give
   */
  constructor(panel, scenario, give) {
    super();
    this.panel = panel;
    this.scenario = scenario;
    this.give = give;
    /** How many commands were given. */
    this.done = Math.min(scenario.steps.length, Number(new URL(location.href).searchParams.get('step')) || 0);
    /** True while the reader is still with the command that was given last. */
    this.after = false;
    this.busy = false;
    /** What came of that command. @type {?import('./give.js').Outcome} */
    this.outcome = null;
    this.button = /** @type {HTMLButtonElement} */ (one('.lesson-next', panel));
    this.button.addEventListener('click', () => this.next());
    this.draw();
  }

  /** The step that is spoken of, null at the end. @returns {?Step} */
  get step() {
    return this.scenario.steps[this.after ? this.done - 1 : this.done] ?? null;
  }

  /** Gives the command, or goes on from what came of it. */
  async next() {
    if (this.busy || !this.step) return;
    if (this.after) {
      this.after = false;
      this.draw();
      return;
    }
    this.busy = true;
    this.dispatchEvent(new Event('asked'));
    const note = one('.lesson-note', this.panel);
    note.textContent = '';
    try {
      this.outcome = await this.give(this.step.command, this.done);
    } catch (problem) {
      note.textContent = /** @type {Error} */ (problem).message;
      return;
    } finally {
      this.busy = false;
    }
    this.done++;
    this.after = true;
    const address = new URL(location.href);
    address.searchParams.set('step', String(this.done));
    history.replaceState(history.state, '', address);
    this.draw();
    this.dispatchEvent(new Event('given'));
  }

  draw() {
    const { scenario, step, done } = this;
    const of = scenario.steps.length;
    one('.lesson-place', this.panel).textContent = step ? `${this.after ? done : done + 1} of ${of}` : 'done';
    this.button.textContent = !step ? 'Done' : this.after ? 'Go on ▶' : 'Give the command ▶';
    this.button.disabled = !step;
    const moment = one('.lesson-moment', this.panel);
    moment.hidden = !this.after || !step?.moment;
    moment.dataset.moment = step?.moment ?? '';
    fill(one('.lesson-body', this.panel), ...(step ? this.#drawStep(step) : this.#drawEnd()));
    const body = one('.lesson-body', this.panel);
    body.scrollTop = 0;
    reveal(body, body.querySelector('.lesson-outcome'));
  }

  /** @param {Step} step */
  #drawStep(step) {
    const form = /** @type {?HTMLElement} */ (document.querySelector(`#commands form[data-do="${step.command.do}"]`));
    const call = form ? cCall(form.dataset.call ?? '', step.command) : JSON.stringify(step.command);
    return [
      this.done === 0 ? h('div.lesson-watch', {}, h('b', {}, 'Watch '), ...drawMarkdown(this.scenario.watch)) : null,
      h('h3', {}, step.title),
      ...drawMarkdown(step.say),
      h('p.lesson-call', {}, step.command.pid ? h('span.badge', { class: `p${((step.command.pid - 1) % 6) + 1}` }, `P${step.command.pid}`) : null, ' ', h('code', {}, call)),
      this.after && this.outcome ? drawOutcome(this.outcome) : null,
    ];
  }

  #drawEnd() {
    const { teaches, beside, id } = this.scenario;
    return [
      h('h3', {}, 'What there was to see'),
      ...drawMarkdown(teaches),
      beside ? h('p', {}, h('a', { href: `/compare?scenario=${id}` }, `Side by side: ${beside.here}, and ${beside.title}`)) : null,
      h('p', {}, h('a', { href: '/#scenarios-title' }, 'To the other scenarios')),
    ];
  }
}

/** @param {import('./give.js').Outcome} outcome */
const drawOutcome = ({ verdict, why, bad }) => h('p.lesson-outcome', {}, h('b', { class: bad ? 'bad' : 'good' }, verdict), why ? h('span.fact', {}, ` ${why}`) : null);
