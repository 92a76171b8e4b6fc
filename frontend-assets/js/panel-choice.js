/** Where there is no room for all panels, a row of tabs of which one panel is shown; the step and the timeline always are. */
import { create, h } from './dom.js';
import { rove, stop } from './roving.js';

const ALWAYS = 'panel-timeline';

/** @param {HTMLElement} panels @param {() => void} again asks for another drawing: what was hidden has had no size @returns shows one of them */
export function choosePanels(panels, again) {
  const all = /** @type {HTMLElement[]} */ ([...panels.querySelectorAll(`:scope > .panel:not(.${ALWAYS})`)]);
  const buttons = all.map((panel) => {
    const name = panel.dataset.name ?? panel.querySelector('h2')?.textContent ?? panel.getAttribute('aria-label') ?? '';
    const button = /** @type {HTMLButtonElement} */ (create(h('button', { type: 'button' }, name)));
    button.addEventListener('click', () => show(panel));
    return button;
  });
  const show = (/** @type {HTMLElement} */ chosen) => {
    all.forEach((panel, i) => {
      panel.classList.toggle('chosen', panel === chosen);
      buttons[i].setAttribute('aria-pressed', String(panel === chosen));
    });
    again();
  };
  const bar = /** @type {HTMLElement} */ (create(h('div.panel-choice', { role: 'group', 'aria-label': 'panels' })));
  bar.append(...buttons);
  panels.prepend(bar);
  rove(bar, 'button');
  stop(bar, 'button');
  show(all.find((panel) => panel.matches('.panel-lesson')) ?? all[1]);
  return show;
}
