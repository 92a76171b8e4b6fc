/**
 * How large elements are inside, as the browser tells it when it has laid them out. To ask in the middle of a drawing
 * would have it lay out the half-drawn page, panel after panel. Who has to know where things stand waits for the layout
 * that the frame has anyway.
 *
 * @typedef {{width: number, height: number}} Size
 */

/** @type {WeakMap<Element, Size>} */
const sizes = new WeakMap();
/** @type {Set<() => void>} */
const listeners = new Set();

const observer = new ResizeObserver((entries) => {
  let isOther = false;
  for (const { target } of entries) {
    const { width, height } = sizes.get(target) ?? {};
    isOther ||= width !== target.clientWidth || height !== target.clientHeight;
    sizes.set(target, { width: target.clientWidth, height: target.clientHeight });
  }
  if (isOther) for (const again of listeners) again();
});

/** The width and height inside an element's borders; only the first time it is measured at once. @param {Element} element @returns {Size} */
export function sizeOf(element) {
  const known = sizes.get(element);
  if (known) return known;
  const size = { width: element.clientWidth, height: element.clientHeight };
  sizes.set(element, size);
  observer.observe(element);
  return size;
}

/** @param {() => void} again is called when one of the elements that were asked for has got another size */
export const whenResized = (again) => listeners.add(again);

const narrow = matchMedia('(width < 900px)');
/** Kept, because to ask for it may lay the page out. */
let isNarrow = narrow.matches;
narrow.addEventListener('change', ({ matches }) => (isNarrow = matches));

/** Whether the panels stand below each other. */
export const isStacked = () => isNarrow;

/** @type {(() => void)[]} */
let waiting = [];
const laidOut = new ResizeObserver(() => {
  const acts = waiting;
  waiting = [];
  for (const act of acts) act();
});

/** Runs in the frame that is being drawn, once it is laid out: an observer is told of what it begins to look at. @param {() => void} act */
export function whenLaidOut(act) {
  waiting.push(act);
  laidOut.unobserve(document.documentElement);
  laidOut.observe(document.documentElement);
}
