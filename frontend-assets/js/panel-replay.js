/**
 * At an earlier moment of a living laboratory commands give way to the two ways on: a branch from there, and the newest
 * moment. In one that has ended there is nothing to command.
 */
import { fill, one } from './dom.js';

/** There is none where nobody can act. */
const bar = () => /** @type {?HTMLElement} */ (document.querySelector('#replay-now'));

/** @param {import('./laboratory.js').Laboratory} laboratory @param {() => void} branch */
export function listenToReplayBar(laboratory, branch) {
  if (!bar()) return;
  one('#branch-here').addEventListener('click', branch);
  one('#leave-replay').addEventListener('click', () => laboratory.goLive());
}

/** @param {import('./laboratory.js').Laboratory} laboratory */
export function drawReplayBar(laboratory) {
  const place = bar();
  if (!place) return;
  const hasEnded = laboratory.condition === 'ended';
  const looksBack = laboratory.mode === 'replay' && !hasEnded;
  place.hidden = !looksBack;
  one('#ended-now').hidden = !hasEnded;
  one('#commands').inert = looksBack || hasEnded;
  fill(one('.replay-moment', place), `#${laboratory.at}`);
}
