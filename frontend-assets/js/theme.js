/** Light, dark, or as the system has it; remembered on this device. */
const KEY = 'faultline.theme';
const ORDER = ['system', 'light', 'dark'];

/** @param {HTMLButtonElement} button @param {() => void} changed */
export function themeToggle(button, changed) {
  const apply = (/** @type {string} */ theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = { system: '◐', light: '☀', dark: '☾' }[theme] ?? '';
    button.setAttribute('aria-label', `Theme: ${theme}. Change`);
    button.title = `Theme: ${theme}`;
    changed();
  };
  const stored = localStorage.getItem(KEY) ?? '';
  apply(ORDER.includes(stored) ? stored : 'system');
  button.addEventListener('click', () => {
    const next = ORDER[(ORDER.indexOf(document.documentElement.dataset.theme ?? '') + 1) % ORDER.length];
    localStorage.setItem(KEY, next);
    apply(next);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
