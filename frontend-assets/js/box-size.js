/**
 * How large elements are inside, as the browser tells it when it has laid them out. To ask in the middle of a drawing
 * would have it lay out the half-drawn page, panel after panel.
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
