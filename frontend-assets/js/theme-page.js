/** The theme for pages that have nothing else to run. */
import { themeToggle } from './theme.js';
import { one } from './dom.js';

themeToggle(/** @type {HTMLButtonElement} */ (one('#theme')), () => {});
