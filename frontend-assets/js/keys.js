/**
 * The keys of the page. None of them acts while a person types into a field, save Esc.
 *
 * @param {Record<string, (event: KeyboardEvent) => void>} actions by the name of the key
 */
export function listen(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = actions[event.key];
    if (!action) return;
    const target = event.target;
    const typing = target instanceof HTMLElement && target.matches('input, select, textarea, dialog *');
    if (typing && event.key !== 'Escape') return;
    if (event.key !== 'Escape') event.preventDefault();
    action(event);
  });
}
