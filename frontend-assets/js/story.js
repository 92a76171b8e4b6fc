/**
 * One operation as a story: its steps, each with the changes it caused, the outcome at the end, and the place where the
 * reader stands: after so many steps, 0 before the first. The story only tells; the laboratory moves the state. What it
 * tells lies in the history: a story knows where its steps are and of which kind, and reads what is looked at.
 *
 * @typedef {import('./wire.js').StoryRecord} StoryRecord
 * @typedef {import('./wire.js').Change} Change
 * @typedef {{result: any, errno: string, signal: string, code: string, address: any}} Outcome
 * @typedef {'operation'|'step'|'change'} Grain
 */
import { isDiskRead } from './lanes.js';

/** A step, or what changed before the first one: that has no kind and no record. */
export class Step {
  /** @param {Story} story @param {number} first its first record @param {?import('./schema.js').StepKind} kind @param {number} place among the story's steps */
  constructor(story, first, kind, place) {
    this.story = story;
    this.first = first;
    this.kind = kind;
    this.place = place;
  }

  get record() {
    return this.kind ? /** @type {StoryRecord} */ (this.story.history.record(this.first)) : null;
  }

  /** Who acts; before the first step that is the kernel, which gives the hart to the process. */
  get actor() {
    return this.kind?.actor ?? 'KERNEL';
  }

  /** The last of its changes, or the step itself. */
  get last() {
    const { story, place } = this;
    let last = (story.steps[place + 1]?.first ?? story.last + 1) - 1;
    while (last > this.first && story.history.isAside(last)) last--;
    return last;
  }

  /** How many changes it caused. */
  get count() {
    return this.story.history.countChanges(this.first, this.last);
  }
}

export class Story {
  /**
   * @param {import('./state.js').State} state whose strings the sentences need
   * @param {import('./history.js').History} history
   * @param {StoryRecord} operation
   */
  constructor(state, history, operation) {
    this.state = state;
    this.schema = state.schema;
    this.history = history;
    this.operation = operation;
    this.kind = this.schema.operations[operation.ordinal];
    /** @type {Step[]} */
    this.steps = [];
    /** The first step of each kind that has a headline, in their order, and how many there are. @type {Map<string, {step: Step, times: number}>} */
    this.headlines = new Map();
    this.trapped = false;
    /** How a fault would have ended, as far as was heard. @type {'minor'|'major'|'fatal'} */
    this.ending = 'minor';
    /** @type {?Outcome} */
    this.outcome = null;
    /** The last record that was heard. */
    this.last = operation.sequence;
    this.position = 0;
    /** What counts as having changed last: all of it, a step, or a single change. @type {Grain} */
    this.grain = 'operation';
    /** The moment at which the reader stands. */
    this.at = operation.sequence;
  }

  /** Takes what the history has of the operation by now. @param {number} last its last record there */
  hear(last) {
    const { history } = this;
    const first = this.last + 1;
    if (last < first) return;
    this.last = last;
    history.steps(first, last, (sequence, kind) => {
      this.#prelude(first, sequence - 1);
      this.#step(sequence, this.schema.steps[kind]);
    });
    this.#prelude(first, last);
    this.outcome ??= this.#outcome(first, last);
  }

  /** Changes before the first step are told as a step of their own. @param {number} first @param {number} last */
  #prelude(first, last) {
    if (this.steps.length > 0) return;
    const change = this.history.changes(first, last).next().value;
    if (change) this.steps.push(new Step(this, change.sequence, null, 0));
  }

  /** @param {number} sequence @param {import('./schema.js').StepKind} kind */
  #step(sequence, kind) {
    const step = new Step(this, sequence, kind, this.steps.length);
    this.steps.push(step);
    if (kind.name === 'TRAPS') this.trapped = true;
    else if (kind.name === 'SENDS') this.ending = 'fatal';
    else if (this.ending === 'minor' && isDiskRead(kind)) this.ending = 'major';
    if (!kind.headline) return;
    const told = this.headlines.get(kind.name);
    if (told) told.times++;
    else this.headlines.set(kind.name, { step, times: 1 });
  }

  /** @param {number} at the moment at which the reader stands now @param {Grain} grain */
  stand(at, grain) {
    this.at = at;
    this.grain = grain;
    let [low, high] = [0, this.steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle].first <= at) low = middle + 1;
      else high = middle;
    }
    this.position = low;
  }

  /** The moment after so many steps. @param {number} position */
  sequenceAt(position) {
    if (position <= 0) return this.operation.sequence;
    return position >= this.steps.length ? this.last : this.steps[position - 1].last;
  }

  /** @param {number} first @param {number} last @returns {?Outcome} null where it is not among these records */
  #outcome(first, last) {
    const at = this.history.asides(first, last).findLast((aside) => this.history.record(aside).type === 'OUTCOME');
    const record = at === undefined ? null : this.history.record(at);
    if (record?.type !== 'OUTCOME') return null;
    const [result, errno, signal, code, address] = record.values;
    return {
      result,
      errno: errno ? this.schema.symbol('errno', errno) : '',
      signal: signal ? this.schema.signals[Number(signal)] : '',
      code: signal ? this.schema.signalCodes[Number(code)] : '',
      address,
    };
  }

  get atEnd() {
    return this.position === this.steps.length && this.at >= (this.steps.at(-1)?.last ?? 0);
  }

  /** True where the whole operation counts as what changed last. */
  get fresh() {
    return this.grain === 'operation';
  }

  /** The step that was done last, if any. @returns {?Step} */
  get current() {
    return this.position > 0 ? this.steps[this.position - 1] : null;
  }

  /** The records among which what changed last is found; the last lies before the first where there is nothing. @returns {{first: number, last: number}} */
  get span() {
    const { current, at } = this;
    if (this.grain === 'operation') return { first: this.operation.sequence + 1, last: this.last };
    if (!current) return { first: at, last: at - 1 };
    return { first: this.grain === 'change' ? at : current.first, last: Math.min(at, current.last) };
  }

  /** What changed last. */
  get changes() {
    const { first, last } = this.span;
    return this.history.changes(first, last);
  }

  /** How many changes that are. */
  get count() {
    const { first, last } = this.span;
    return this.history.countChanges(first, last);
  }

  /** All that the steps have changed. */
  get all() {
    return this.history.changes(this.operation.sequence + 1, this.last);
  }

  /** @param {Step} step */
  text(step) {
    const { kind, record } = step;
    return kind && record ? this.schema.fill(kind.template, kind.arguments, record.values, this.state.strings) : this.#before(step);
  }

  /** What has changed before the first step: mostly the hart alone, which ran another process. @param {Step} step */
  #before({ first, last }) {
    const hart = this.schema.ordinal('hart');
    const pid = this.operationArgument('pid');
    if (!pid) return this.beginning;
    for (const { ordinal } of this.history.changes(first, last)) if (ordinal !== hart) return this.beginning;
    return `gives the hart to P${pid}: satp leads to its tables`;
  }

  /** The value of a step's or the operation's argument. @param {Step} step @param {string} name */
  argument(step, name) {
    const at = step.kind ? step.kind.arguments.indexOf(name) : -1;
    return at < 0 ? undefined : step.record?.values[at];
  }

  /** @param {string} name */
  operationArgument(name) {
    const at = this.kind.arguments.indexOf(name);
    return at < 0 ? undefined : this.operation.values[at];
  }

  get beginning() {
    return this.schema.fill(this.kind.template, this.kind.arguments, this.operation.values, this.state.strings);
  }

  /** The whole story in one sentence; the same words that the server's answers use. */
  get sentence() {
    const parts = [];
    for (const { step, times } of this.headlines.values()) {
      const { kind, record } = step;
      if (!kind?.headline || !record) continue;
      const words = this.schema.fill(kind.headline, kind.arguments, record.values, this.state.strings);
      parts.push(times > 1 ? `${words} (first of ${times})` : words);
    }
    if (this.outcome?.errno) parts.push(`refused with ${this.outcome.errno}`);
    return parts.length ? `${this.beginning}: ${parts.join(', ')}` : this.beginning;
  }

  /** The sentence of the last step that decided how the operation ended, or ''. */
  get why() {
    const decisive = this.steps.findLast((step) => step.kind?.decides);
    return decisive ? this.text(decisive) : '';
  }

  /** How the faults of this story ended: 'none', 'minor', 'major' or 'fatal'. */
  get fault() {
    if (this.outcome?.signal || this.ending === 'fatal') return 'fatal';
    return this.trapped ? this.ending : 'none';
  }
}
