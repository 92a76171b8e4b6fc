/**
 * One operation as a story: its steps, each with the changes it caused, the outcome at the end, and the place where the
 * reader stands: after so many steps, 0 before the first. The story only tells; the laboratory moves the state.
 *
 * @typedef {import('./wire.js').LogRecord} LogRecord
 * @typedef {import('./wire.js').Change} Change
 * @typedef {{kind: ?import('./schema.js').StepKind, record: ?import('./wire.js').StoryRecord, changes: Change[],
 *   first: number, last: number}} Step
 * @typedef {{result: any, errno: string, signal: string, code: string, address: any}} Outcome
 * @typedef {'operation'|'step'|'change'} Grain
 */
import { isDiskRead } from './lanes.js';

export class Story {
  /**
   * @param {import('./state.js').State} state whose strings the sentences need
   * @param {import('./wire.js').StoryRecord} operation
   */
  constructor(state, operation) {
    this.state = state;
    this.schema = state.schema;
    this.operation = operation;
    this.kind = this.schema.operations[operation.ordinal];
    /** @type {Step[]} */
    this.steps = [];
    /** All that the steps have changed. @type {Change[]} */
    this.all = [];
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

  /** Takes the next record of the operation. @param {LogRecord} record */
  hear(record) {
    const { sequence } = record;
    this.last = sequence;
    switch (record.type) {
      case 'STEP':
        this.#step(record);
        break;
      case 'INSERT':
      case 'UPDATE':
      case 'DELETE': {
        if (this.steps.length === 0) this.steps.push({ kind: null, record: null, changes: [], first: sequence, last: sequence });
        const step = this.steps[this.steps.length - 1];
        step.changes.push(record);
        this.all.push(record);
        step.last = sequence;
        break;
      }
      case 'OUTCOME':
        this.outcome = this.#outcome(record.values);
        break;
      default:
    }
  }

  /** @param {import('./wire.js').StoryRecord} record */
  #step(record) {
    const { sequence } = record;
    const kind = this.schema.steps[record.ordinal];
    const step = { kind, record, changes: [], first: sequence, last: sequence };
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

  /** @param {import('./wire.js').Value[]} values @returns {Outcome} */
  #outcome([result, errno, signal, code, address]) {
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

  /** What changed last. @returns {Change[]} */
  get changes() {
    if (this.grain === 'operation') return this.all;
    const changes = this.current?.changes ?? [];
    return this.grain === 'change' ? changes.filter((change) => change.sequence === this.at) : changes;
  }

  /** @param {Step} step */
  text(step) {
    if (!step.kind || !step.record) return this.#prelude(step);
    return this.schema.fill(step.kind.template, step.kind.arguments, step.record.values, this.state.strings);
  }

  /** What has changed before the first step: mostly the hart alone, which ran another process. @param {Step} step */
  #prelude({ changes }) {
    const hart = this.schema.ordinal('hart');
    const pid = this.operationArgument('pid');
    return pid && changes.length && changes.every(({ ordinal }) => ordinal === hart) ? `gives the hart to P${pid}: satp leads to its tables` : this.beginning;
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
