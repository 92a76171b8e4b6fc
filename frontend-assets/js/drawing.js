/**
 * When the page is drawn: at most once a frame. What a person did is drawn whole in the next one, and so is what comes
 * after a silence; where that takes longer than a frame has, as with tens of thousands of pages, the next ones go on.
 * What comes by itself, again and again, comes faster than a page can be drawn: then a frame draws a few panels and the
 * next one goes on with those that have waited longest, so that no frame takes long and keys and clicks find a page that
 * listens.
 */
import { whenLaidOut } from './box-size.js';

/** Milliseconds of script in a frame that draws a few panels; their layout and painting take as long again. */
const SLICE = 2;
/** And in one that draws all of them. */
const WHOLE = 12;
/** Nothing came for so many milliseconds: there is time to draw all of it. */
const SILENCE = 200;
/** A drawing rests as long as it took, but not longer. */
const LONGEST_REST = 50;

export class Drawing {
  /**
   * @param {() => boolean} prepare runs before panels draw; false where there is nothing to be drawn before somebody asks again
   * @param {(() => unknown)[]} panels each draws itself
   * @param {() => void} finish runs when the last of them is drawn and laid out
   */
  constructor(prepare, panels, finish) {
    this.prepare = prepare;
    this.panels = panels;
    this.finish = finish;
    /** The next frame draws all panels, and does not wait. */
    this.whole = false;
    /** One that was to draw all panels has not come to the last of them. */
    this.goesOn = false;
    this.asked = false;
    /** The panel whose turn it is, and how many have not been drawn since something came. */
    this.turn = 0;
    this.left = 0;
    this.cameAt = -Infinity;
    this.restUntil = 0;
  }

  /** Draws all in the next frame. */
  now() {
    this.whole = true;
    this.left = this.panels.length;
    this.#ask();
  }

  /** Draws what has come by itself. */
  soon() {
    const now = performance.now();
    if (now - this.cameAt > SILENCE) this.whole = true;
    this.cameAt = now;
    this.left = this.panels.length;
    this.#ask();
  }

  #ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame((frame) => {
      this.asked = false;
      if (this.whole || this.goesOn || frame >= this.restUntil) this.#draw();
      else this.#ask();
    });
  }

  #draw() {
    const begun = performance.now();
    if (!this.prepare()) return;
    if (this.whole) this.turn = 0;
    const whole = this.whole || this.goesOn;
    this.whole = false;
    const most = whole ? WHOLE : SLICE;
    do {
      this.panels[this.turn]();
      this.turn = (this.turn + 1) % this.panels.length;
      this.left--;
    } while (this.left > 0 && this.turn > 0 && performance.now() - begun < most);
    this.goesOn = whole && this.left > 0 && this.turn > 0;
    const isRound = this.turn === 0;
    whenLaidOut(() => {
      if (isRound) this.finish();
      const drawn = performance.now();
      this.restUntil = drawn + Math.min(LONGEST_REST, drawn - begun);
    });
    if (this.left > 0) this.#ask();
  }
}
