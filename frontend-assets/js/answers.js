/**
 * Answers to forms that did not come from the form's own handler: problem details from further out, or no answer at all.
 * They are told in the same place and the same shape as every other.
 */
import { fill, h } from './dom.js';

/** @param {HTMLElement} place */
export function tellProblems(place) {
  const tell = (/** @type {string} */ title, /** @type {string} */ detail) =>
    fill(place, h('div.answer.refused', {}, h('p.verdict', {}, h('b', {}, title)), h('p.why', {}, detail)));

  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (!(detail.xhr.getResponseHeader('Content-Type') ?? '').includes('json')) return;
    detail.shouldSwap = false;
    try {
      const problem = JSON.parse(detail.xhr.responseText);
      tell(problem.title ?? `Status ${detail.xhr.status}`, problem.detail ?? '');
    } catch {
      tell(`Status ${detail.xhr.status}`, '');
    }
  });
  document.body.addEventListener('htmx:sendError', () => tell('No answer', 'The server could not be reached.'));
}
