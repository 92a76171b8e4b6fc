/** Whatever a page of a laboratory shows: either it can be opened, or the page says why not. */
import { fill, h, one } from './dom.js';

/** @template T @param {Promise<T>} opening @returns {Promise<?T>} null where it failed */
export async function opened(opening) {
  try {
    return await opening;
  } catch (error) {
    fill(one('#answer'), refusal('It cannot be opened', /** @type {Error} */ (error).message));
    one('#mode').textContent = 'ENDED';
    return null;
  }
}

/** @param {string} what @param {string} why */
export const refusal = (what, why) => h('div.answer.refused', {}, h('p.verdict', {}, h('b', {}, what)), h('p.why', {}, why));
