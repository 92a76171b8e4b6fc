/**
 * A group of controls that is one stop of the Tab key; arrow keys move inside it, as in a tab list or a grid.
 *
 * @param {HTMLElement} box
 * @param {string} selector of the controls in it
 * @param {(control: HTMLElement) => void} arrived after the focus has moved
 */
export function rove(box, selector, arrived = () => {}) {
  box.addEventListener('keydown', (event) => {
    const here = event.target instanceof HTMLElement || event.target instanceof SVGElement ? event.target.closest(selector) : null;
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!here || !by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const controls = /** @type {HTMLElement[]} */ ([...box.querySelectorAll(selector)].filter((control) => !control.closest('[hidden]')));
    const next = controls[(controls.indexOf(/** @type {HTMLElement} */ (here)) + by + controls.length) % controls.length];
    stop(box, selector, next);
    next.focus();
    arrived(next);
  });
  box.addEventListener('focusin', (event) => {
    const control = event.target instanceof Element ? event.target.closest(selector) : null;
    if (control) stop(box, selector, control);
  });
}

/** Makes one control the place where the Tab key stops. @param {HTMLElement} box @param {string} selector @param {?Element} [chosen] the first, or the one that was, when left out */
export function stop(box, selector, chosen = box.querySelector(`${selector}[tabindex="0"]`) ?? box.querySelector(selector)) {
  for (const control of box.querySelectorAll(selector)) control.setAttribute('tabindex', control === chosen ? '0' : '-1');
}

/**
 * Items that are drawn anew at any time, inside a box that is itself one stop of the Tab key: arrow keys go to the first
 * of them and from one to the next, Enter and Space click.
 *
 * @param {HTMLElement} outer which lasts, and contains the boxes
 * @param {string} boxes selector of the boxes
 * @param {string} selector of the items, each with tabindex -1
 */
export function enter(outer, boxes, selector) {
  outer.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const box = target?.closest(boxes);
    if (!target || !box || event.ctrlKey || event.metaKey || event.altKey || target.matches('input, select, button')) return;
    const items = /** @type {(HTMLElement|SVGElement)[]} */ ([...box.querySelectorAll(selector)]);
    const here = items.indexOf(/** @type {any} */ (target.closest(selector)));
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by && items.length) items[Math.max(0, Math.min(items.length - 1, here + by))].focus();
    else if ((event.key === 'Enter' || event.key === ' ') && here >= 0) items[here].dispatchEvent(new MouseEvent('click', { bubbles: true }));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
