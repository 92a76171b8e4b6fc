/**
 * The keys of a page. What is bound here is what the help tells, so that neither can be without the other. No key acts
 * while a person types into a field or a dialog stands open, and Space and Enter belong to the control that has the focus.
 */
import { fill, h } from './dom.js';

/** @typedef {Record<string, () => void>} Actions by the name of the key */

const CAPS = /** @type {Record<string, string>} */ ({ ArrowLeft: '←', ArrowRight: '→', ' ': 'Space', Escape: 'Esc' });
const FIELDS = 'input, select, textarea, dialog *';
const PRESSED = 'button, a, summary, [role=tab], [role=button]';

export class Keys {
  constructor() {
    /** @type {Actions} */
    this.actions = {};
    /** @type {{caps: string[], words: string}[]} */
    this.told = [];
    document.addEventListener('keydown', (event) => this.#pressed(event));
  }

  /** @param {string} words what the help says of these keys @param {Actions} actions */
  bind(words, actions) {
    Object.assign(this.actions, actions);
    this.told.push({ caps: Object.keys(actions), words });
  }

  /** @param {Element} list a `dl` */
  tell(list) {
    fill(list, ...this.told.flatMap(({ caps, words }) => [h('dt', {}, ...drawCaps(caps)), h('dd', {}, words)]));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = this.actions[event.key];
    if (!action) return;
    // a field in a dialog that has just closed keeps the focus until the next frame
    const target = event.target instanceof Element && !event.target.closest('dialog:not([open])') ? event.target : null;
    if (target?.closest(FIELDS) && (event.key !== 'Escape' || target.closest('dialog'))) return;
    if (event.key === ' ' && target?.closest(PRESSED)) return;
    if (event.key !== 'Escape') event.preventDefault();
    action();
  }
}

/** Ten digits are told as a range. @param {string[]} caps */
function drawCaps(caps) {
  const cap = (/** @type {string} */ key) => h('kbd', {}, CAPS[key] ?? key);
  return caps.length > 4 ? [cap(caps[0]), '–', cap(caps[caps.length - 1])] : caps.flatMap((key, i) => [i ? ' ' : '', cap(key)]);
}
