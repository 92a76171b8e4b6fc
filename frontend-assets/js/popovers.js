/** What folds out over the page folds in again when the reader clicks elsewhere, or leaves it with Esc. */
export function foldPopovers() {
  const opened = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details[open]:has(> .popover)'));
  document.addEventListener('click', ({ target }) => {
    for (const details of opened()) if (!(target instanceof Node && details.contains(target))) details.open = false;
  });
  document.addEventListener('keydown', ({ key, target }) => {
    if (key !== 'Escape') return;
    for (const details of opened()) {
      details.open = false;
      if (target instanceof Node && details.contains(target)) details.querySelector('summary')?.focus();
    }
  });
}

/** Where there is little room, what a button of class `fold` stands for is shown once it is pressed; styles do the rest. */
export function foldBars() {
  for (const button of document.querySelectorAll('.fold')) {
    button.addEventListener('click', () => button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true')));
  }
}
