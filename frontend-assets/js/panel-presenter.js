/** The controls of presenting and following: in the bar above, and under `share`. */
import { one } from './dom.js';

/** @param {import('./presenter.js').Presenter} presenter @param {(sentence: string) => void} say */
export function drawPresenter(presenter, say) {
  const follow = one('#follow');
  const badge = one('#presenting');
  /** There is none where nobody can act. */
  const present = document.querySelector('#present');
  follow.addEventListener('click', () => presenter.follow());
  badge.addEventListener('click', () => presenter.present());
  present?.addEventListener('click', () => presenter.present());
  presenter.addEventListener('left', () => say('You go your own way now; “follow” brings you back to the presenter'));
  presenter.addEventListener('change', () => {
    const { shown, follows, presents, others, problem } = presenter;
    follow.hidden = !shown;
    follow.setAttribute('aria-pressed', String(follows));
    follow.textContent = follows ? 'following' : 'follow';
    badge.hidden = !presents;
    badge.textContent = `PRESENTING to ${others}`;
    if (present) present.textContent = presents ? 'stop presenting' : 'present';
    if (problem) say(`Not presented: ${problem}`);
  });
}
