/** Light, dark, or as the system has it; remembered on this device. */
const KEY = 'faultline.theme';
const ORDER = ['system', 'light', 'dark'];

/** Shows the page as it is remembered. */
export function wearTheme() {
  const stored = localStorage.getItem(KEY) ?? '';
  document.documentElement.dataset.theme = ORDER.includes(stored) ? stored : 'system';
}

/** @param {HTMLButtonElement} button @param {() => void} changed */
export function themeToggle(button, changed) {
  const tell = () => {
    const { theme = '' } = document.documentElement.dataset;
    button.textContent = { system: '◐', light: '☀', dark: '☾' }[theme] ?? '';
    button.setAttribute('aria-label', `Theme: ${theme}. Change`);
    button.title = `Theme: ${theme}`;
    changed();
  };
  wearTheme();
  tell();
  button.addEventListener('click', () => {
    const next = ORDER[(ORDER.indexOf(document.documentElement.dataset.theme ?? '') + 1) % ORDER.length];
    localStorage.setItem(KEY, next);
    document.documentElement.dataset.theme = next;
    tell();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
