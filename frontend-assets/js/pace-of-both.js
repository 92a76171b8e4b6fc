/**
 * Two laboratories that are stepped together: both stand in the same command, after the same number of steps, the one
 * with fewer steps at its end while the other goes on. Past the last step of all both follow what comes.
 */
export class PaceOfBoth {
  /** @param {import('./laboratory.js').Laboratory[]} labs */
  constructor(labs) {
    this.labs = labs;
    /** The place of both among the commands and in the command's steps; null while they follow what comes. @type {?{command: number, step: number}} */
    this.place = null;
  }

  /** Commands that both have been given. */
  get commands() {
    return Math.min(...this.labs.map(({ history }) => history.operations.length));
  }

  /** The steps of the command that is shown, on the side that has more. */
  get steps() {
    return Math.max(0, ...this.labs.map(({ story }) => story?.steps.length ?? 0));
  }

  live() {
    this.place = null;
    for (const lab of this.labs) lab.goLive();
  }

  /** @param {string} where 'first', 'back', 'next' or 'last' */
  step(where) {
    const { command, step } = this.place ?? { command: this.commands - 1, step: this.steps };
    if (command < 0) return;
    if (where === 'first') this.#stand(step > 0 ? command : command - 1, 0);
    else if (where === 'back') this.#stand(step > 0 ? command : command - 1, step > 0 ? step - 1 : Infinity);
    else if (this.place && where === 'next') this.#stand(step < this.steps ? command : command + 1, step < this.steps ? step + 1 : 0);
    else if (this.place) this.#stand(step < this.steps ? command : command + 1, Infinity);
  }

  /** @param {number} command @param {number} step Infinity for the end */
  #stand(command, step) {
    const { labs, commands } = this;
    if (command >= commands) {
      this.live();
      return;
    }
    const wanted = Math.max(0, command);
    for (const lab of labs) {
      lab.seek(lab.history.operations[wanted], 'step');
      lab.moveTo(command < 0 ? 0 : step);
    }
    this.place = { command: wanted, step: Math.min(command < 0 ? 0 : step, this.steps) };
    if (wanted === commands - 1 && this.place.step === this.steps) this.live();
  }
}
