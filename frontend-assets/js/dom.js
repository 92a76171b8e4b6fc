/**
 * Elements without a framework: `h` makes them, `morph` brings a tree that is on the page to the likeness of a new one,
 * so that focus, scrolling and hovering survive.
 */
const SVG = 'http://www.w3.org/2000/svg';
const SVG_NAMES = new Set(['svg', 'g', 'rect', 'line', 'path', 'text', 'title', 'circle', 'defs', 'pattern', 'marker']);

/**
 * @param {string} name tag, with classes after dots: `li.step.current`
 * @param {Record<string, any>} attributes `undefined`, `null` and `false` leave an attribute out
 * @param {...any} children elements, texts, lists of them; empty ones are left out
 * @returns {Element}
 */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = SVG_NAMES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) element.setAttribute('class', classes.join(' '));
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'class') element.setAttribute('class', [...classes, value].join(' ').trim());
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} element @param {any} children */
function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== undefined && child !== null && child !== false && child !== '') element.append(String(child));
  }
}

/** @param {Element} parent is given `children`, keeping what is alike. @param {any[]} children */
export function fill(parent, ...children) {
  const likeness = document.createElement('div');
  append(likeness, children);
  morphChildren(parent, likeness);
}

/** @param {Element} old @param {Element} next */
function morph(old, next) {
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !name.startsWith('style')) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, next);
}

/** Children are matched by `data-key` where they have one, else by their place. @param {Element} old @param {Element} next */
function morphChildren(old, next) {
  const keyed = new Map();
  for (const child of old.children) {
    const key = child.getAttribute('data-key');
    if (key) keyed.set(key, child);
  }
  let place = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = wanted instanceof Element ? wanted.getAttribute('data-key') : null;
    const match = key ? keyed.get(key) : place;
    if (match && alike(match, wanted) && (key || !keyOf(match))) {
      if (match !== place) old.insertBefore(match, place);
      else place = match.nextSibling;
      if (wanted instanceof Element) morph(/** @type {Element} */ (match), wanted);
      else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
    } else {
      old.insertBefore(wanted, place);
    }
  }
  while (place) {
    const following = place.nextSibling;
    place.remove();
    place = following;
  }
}

/** @param {Node} node */
const keyOf = (node) => (node instanceof Element ? node.getAttribute('data-key') : null);

/** @param {Node} a @param {Node} b */
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

/** @param {string} selector @param {ParentNode} within @returns {HTMLElement} */
export function one(selector, within = document) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`nothing on the page is ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/**
 * Letters of which some are marked, as the bits of an entry that changed or that failed.
 *
 * @param {string} letters
 * @param {(letter: string, place: number) => boolean} marked
 */
export function markLetters(letters, marked) {
  return [...letters].map((letter, place) => (marked(letter, place) ? h('mark', {}, letter) : letter));
}

/** Scrolls an element into sight of the box around it, and nothing else. @param {Element} box @param {?Element} element */
export function reveal(box, element) {
  if (!element) return;
  const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + 8;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + 8;
}

/** What an element stands for, for the shared selection. @param {EventTarget|null} target */
export function itemOf(target) {
  const element = target instanceof Element ? target.closest('[data-item]') : null;
  return element?.getAttribute('data-item') ?? null;
}

/** A group of buttons of which one is pressed. @param {string} attribute that each of them has @param {(chosen: string) => void} act */
export function choice(attribute, act) {
  const buttons = [...document.querySelectorAll(`[${attribute}]`)];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      act(button.getAttribute(attribute) ?? '');
    });
  }
}
