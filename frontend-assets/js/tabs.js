/** Tabs: buttons with role `tab`, each of which shows the panel that it controls and hides the others. */
import { rove, stop } from './roving.js';

export class Tabs {
  /** @param {HTMLElement} list with role `tablist` @param {(panel: string) => void} opened gets the panel's id */
  constructor(list, opened) {
    this.list = list;
    this.opened = opened;
    this.open = '';
    list.addEventListener('click', (event) => {
      const tab = event.target instanceof Element ? event.target.closest('[role=tab]') : null;
      if (tab) this.show(tab.getAttribute('aria-controls') ?? '');
    });
    rove(list, '[role=tab]', (tab) => this.show(tab.getAttribute('aria-controls') ?? ''));
  }

  /** @param {string} panel */
  show(panel) {
    this.open = panel;
    for (const tab of this.list.querySelectorAll('[role=tab]')) {
      const chosen = tab.getAttribute('aria-controls') === panel;
      tab.setAttribute('aria-selected', String(chosen));
      if (chosen) stop(this.list, '[role=tab]', tab);
      const shown = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      if (shown) shown.hidden = !chosen;
    }
    this.opened(panel);
  }
}
