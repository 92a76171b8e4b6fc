/**
 * Elements without a framework: `h` describes them, `fill` brings what is on the page to the likeness of a description.
 * What was described last is kept, and only what differs from it is touched, so that focus, scrolling and hovering
 * survive and drawing the same again is no work for the browser. `lazy` puts off the description itself, for what is
 * drawn in hundreds and mostly stays as it is.
 *
 * @typedef {Record<string, any>} Attributes `undefined`, `null` and `false` leave one out
 */
const SVG = 'http://www.w3.org/2000/svg';
const SVG_NAMES = new Set(['svg', 'g', 'rect', 'line', 'path', 'text', 'title', 'circle', 'defs', 'pattern', 'marker']);
const TEXT = '#text';

/** A described element, or text; once it is on the page it knows its node. */
class Part {
  /** @param {string} tag @param {string} text an element's classes, a text's letters @param {Attributes} attributes @param {Part[]} children */
  constructor(tag, text, attributes, children) {
    this.tag = tag;
    this.text = text;
    this.attributes = attributes;
    this.children = children;
    /** Among the children of one parent at most one part has it. @type {string|number|undefined} */
    this.key = attributes['data-key'];
    /** What it is described from, and how, where that is put off. @type {any[]} */
    this.inputs = [];
    /** @type {?() => Part} */
    this.describe = null;
    /** @type {any} */
    this.node = null;
  }

  /** Becomes what it is described as. @param {Part} other */
  become({ text, attributes, children }) {
    this.text = text;
    this.attributes = attributes;
    this.children = children;
    this.describe = null;
  }
}

/** @typedef {Part} Description */

const NONE = Object.freeze({});
/** Names as `h` is given them, parted into tag and classes. @type {Map<string, [string, string]>} */
const names = new Map();
/** What is inside the elements that were filled. @type {WeakMap<Element, Part[]>} */
const filled = new WeakMap();

/**
 * @param {string} name tag, with classes after dots: `li.step.current`
 * @param {Attributes} attributes
 * @param {...any} children descriptions, texts, lists of them; empty ones are left out
 * @returns {Description}
 */
export function h(name, attributes = NONE, ...children) {
  const known = names.get(name);
  const [tag, classes] = known ?? parted(name);
  const own = attributes.class;
  return new Part(tag, own ? (classes ? `${classes} ${own}` : String(own)).trim() : classes, attributes, gather(children, []));
}

/** @param {string} name @returns {[string, string]} */
function parted(name) {
  const [tag, ...classes] = name.split('.');
  /** @type {[string, string]} */
  const parts = [tag, classes.join(' ')];
  names.set(name, parts);
  return parts;
}

/**
 * An element that is described only where one of the inputs is another than when its place was filled last: these have to
 * tell all that the description says.
 *
 * @param {string} tag of the description
 * @param {any[]} inputs numbers, texts or objects that stay the same
 * @param {() => Description} describe
 * @param {string|number} [key] its `data-key`, if it has one
 */
export function lazy(tag, inputs, describe, key) {
  const part = new Part(tag, '', NONE, []);
  part.key = key;
  part.inputs = inputs;
  part.describe = describe;
  return part;
}

/** @param {any[]} children @param {Part[]} into */
function gather(children, into) {
  for (const child of children) {
    if (child instanceof Part) into.push(child);
    else if (Array.isArray(child)) gather(child, into);
    else if (child !== undefined && child !== null && child !== false && child !== '') into.push(new Part(TEXT, String(child), NONE, []));
  }
  return into;
}

/** An element as it is described. @param {Description} part @returns {Element} */
export const create = (part) => nodeOf(part);

/** @param {Part} part @returns {any} an element or a text */
function nodeOf(part) {
  if (part.describe) part.become(part.describe());
  const { tag, text, attributes, children } = part;
  if (tag === TEXT) return (part.node = document.createTextNode(text));
  const element = SVG_NAMES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (text) element.setAttribute('class', text);
  for (const name in attributes) if (name !== 'class') write(element, name, attributes[name]);
  for (const child of children) element.append(nodeOf(child));
  return (part.node = element);
}

/** @param {Element} element @param {string} name @param {any} value */
function write(element, name, value) {
  if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** @param {Element} parent is given `children`, keeping what is alike. @param {any[]} children */
export function fill(parent, ...children) {
  const next = gather(children, []);
  const old = filled.get(parent);
  if (old && isWhole(parent, old)) patchChildren(parent, old, next);
  else parent.replaceChildren(...next.map(nodeOf));
  filled.set(parent, next);
}

/** False where somebody else, such as htmx, has put something in. @param {Element} parent @param {Part[]} parts */
const isWhole = (parent, parts) => parent.firstChild === (parts[0]?.node ?? null) && parent.lastChild === (parts.at(-1)?.node ?? null);

/** @param {Part} old which is on the page @param {Part} next */
function patch(old, next) {
  const { node } = old;
  next.node = node;
  if (next.describe) {
    const { inputs } = next;
    if (inputs.length === old.inputs.length && inputs.every((input, i) => input === old.inputs[i])) {
      next.become(old);
      return;
    }
    next.become(next.describe());
  }
  if (old.text !== next.text) {
    if (old.tag === TEXT) node.nodeValue = next.text;
    else node.setAttribute('class', next.text);
  }
  if (old.tag === TEXT) return;
  for (const name in next.attributes) {
    if (name !== 'class' && old.attributes[name] !== next.attributes[name]) write(node, name, next.attributes[name]);
  }
  for (const name in old.attributes) if (name !== 'class' && !(name in next.attributes)) node.removeAttribute(name);
  patchChildren(node, old.children, next.children);
}

/** Children are matched by their key where they have one, else by their place. @param {Element} parent @param {Part[]} old @param {Part[]} next */
function patchChildren(parent, old, next) {
  if (old.length === next.length && next.every((part, i) => alike(old[i], part))) next.forEach((part, i) => patch(old[i], part));
  else arrange(parent, old, next);
}

/** @param {Part} a @param {Part} b */
const alike = (a, b) => a.tag === b.tag && a.key === b.key;

/** What is no longer there serves as what is new: fewer elements are made and thrown away. @param {Element} parent @param {Part[]} old @param {Part[]} next */
function arrange(parent, old, next) {
  const keyed = new Map(old.filter(({ key }) => key !== undefined).map((part) => [part.key, part]));
  const stay = new Set(next.map(({ key }) => key && keyed.get(key)));
  /** @type {Map<string, Part[]>} */
  const spare = new Map();
  const focused = document.activeElement;
  for (const part of old) {
    if (stay.has(part) || (part.key !== undefined && part.node.contains(focused))) continue;
    const alikes = spare.get(part.tag);
    if (alikes) alikes.push(part);
    else spare.set(part.tag, [part]);
  }
  const kept = new Set();
  for (const part of next) {
    const own = part.key === undefined ? undefined : keyed.get(part.key);
    const match = own?.tag === part.tag ? own : spare.get(part.tag)?.shift();
    if (match) {
      kept.add(match);
      patch(match, part);
    } else nodeOf(part);
  }
  for (const part of old) if (!kept.has(part)) part.node.remove();
  let after = null;
  for (let i = next.length - 1; i >= 0; i--) {
    const { node } = next[i];
    if (node.parentNode !== parent || node.nextSibling !== after) parent.insertBefore(node, after);
    after = node;
  }
}

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
  const parts = [];
  let plain = '';
  for (const [place, letter] of [...letters].entries()) {
    if (!marked(letter, place)) plain += letter;
    else {
      parts.push(plain, h('mark', {}, letter));
      plain = '';
    }
  }
  return [...parts, plain];
}

/** Scrolls an element into sight of the box around it, with some of what is near it, and nothing else. @param {Element} box @param {?Element} element */
export function reveal(box, element) {
  if (!element) return;
  const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
  const near = Math.max(8, outer.height / 4);
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + near;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + near;
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
