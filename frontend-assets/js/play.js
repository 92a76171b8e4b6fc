/**
 * Plays the story, a step at a time, at the chosen speed; at the end of all there is it begins the newest story again.
 * Emits `change` when it starts or stops.
 */
export class Play extends EventTarget {
  /** @param {import('./laboratory.js').Laboratory} laboratory @param {() => number} speed steps a second */
  constructor(laboratory, speed) {
    super();
    this.laboratory = laboratory;
    this.speed = speed;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** The moment at which it stops. */
    this.until = Infinity;
  }

  get playing() {
    return this.timer !== undefined;
  }

  toggle() {
    if (this.playing) {
      this.stop();
      return;
    }
    if (this.laboratory.following) this.laboratory.moveTo(0);
    this.to(Infinity);
  }

  /** Plays until a moment is reached. @param {number} moment */
  to(moment) {
    this.until = moment;
    this.#next();
    this.dispatchEvent(new Event('change'));
  }

  stop() {
    if (!this.playing) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dispatchEvent(new Event('change'));
  }

  #next() {
    this.timer = setTimeout(() => {
      this.laboratory.moveBy(1);
      if (this.laboratory.following || this.laboratory.at >= this.until) this.stop();
      else this.#next();
    }, 1000 / this.speed());
  }
}
