/**
 * One operation as a story: its steps, each with the changes it caused, the outcome at the end, and the place where the
 * reader stands. Moving to another step applies or undoes changes, so that the state is always the one right after the
 * step that is shown; position 0 is before the first.
 *
 * @typedef {import('./wire.js').LogRecord} LogRecord
 * @typedef {import('./wire.js').Change} Change
 * @typedef {{kind: ?import('./schema.js').StepKind, record: ?import('./wire.js').StoryRecord, changes: Change[]}} Step
 * @typedef {{result: any, errno: string, signal: string, code: string, address: any}} Outcome
 */
export class Story {
  /**
   * @param {import('./state.js').State} state the state just before the operation
   * @param {import('./wire.js').StoryRecord} operation
   */
  constructor(state, operation) {
    this.state = state;
    this.schema = state.schema;
    this.operation = operation;
    this.kind = this.schema.operations[operation.ordinal];
    /** @type {Step[]} */
    this.steps = [];
    /** @type {?Outcome} */
    this.outcome = null;
    this.position = 0;
    /** True until the reader moves: then the whole operation counts as what changed last. */
    this.fresh = true;
  }

  /** Takes the next record of the operation; the reader must stand at the end. @param {LogRecord} record */
  hear(record) {
    switch (record.type) {
      case 'STEP':
        this.steps.push({ kind: this.schema.steps[record.ordinal], record, changes: [] });
        this.position = this.steps.length;
        break;
      case 'INSERT':
      case 'UPDATE':
      case 'DELETE':
        if (this.steps.length === 0) this.steps.push({ kind: null, record: null, changes: [] });
        this.steps[this.steps.length - 1].changes.push(record);
        this.position = this.steps.length;
        this.state.apply(record);
        break;
      case 'OUTCOME':
        this.outcome = this.#outcome(record.values);
        break;
      default:
        this.state.apply(record);
    }
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
    return this.position === this.steps.length;
  }

  /** @param {number} position 0 to the number of steps; what lies outside is drawn to the nearer end */
  moveTo(position) {
    const target = Math.max(0, Math.min(this.steps.length, position));
    this.fresh = false;
    while (this.position < target) {
      this.steps[this.position].changes.forEach((change) => this.state.apply(change));
      this.position++;
    }
    while (this.position > target) {
      this.position--;
      this.steps[this.position].changes.toReversed().forEach((change) => this.state.undo(change));
    }
  }

  /** The step that was done last, if any. @returns {?Step} */
  get current() {
    return this.position > 0 ? this.steps[this.position - 1] : null;
  }

  /** What changed last: the step's changes, or all of a fresh story's. @returns {Change[]} */
  get changes() {
    if (this.fresh) return this.steps.flatMap((step) => step.changes);
    return this.current?.changes ?? [];
  }

  /** @param {Step} step */
  text(step) {
    if (!step.kind || !step.record) return this.beginning;
    return this.schema.fill(step.kind.template, step.kind.arguments, step.record.values, this.state.strings);
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
    /** @type {Map<string, {words: string, times: number}>} */
    const told = new Map();
    for (const { kind, record } of this.steps) {
      if (!kind?.headline || !record) continue;
      const earlier = told.get(kind.name);
      if (earlier) {
        earlier.times++;
      } else {
        told.set(kind.name, {
          words: this.schema.fill(kind.headline, kind.arguments, record.values, this.state.strings),
          times: 1,
        });
      }
    }
    const parts = [...told.values()].map(({ words, times }) => (times > 1 ? `${words} (first of ${times})` : words));
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
    const names = new Set(this.steps.map((step) => step.kind?.name));
    if (this.outcome?.signal || names.has('SENDS')) return 'fatal';
    if (!names.has('TRAPS')) return 'none';
    return names.has('READS_DISK') ? 'major' : 'minor';
  }
}
