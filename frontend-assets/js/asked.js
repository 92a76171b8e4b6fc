/**
 * What the server is asked for again when the laboratory has moved, a few times a second at most, however fast that is.
 */
import { hasEnded } from './spaces.js';

const PAUSE = 250;

export class Asked {
  /** @param {(wanted: string) => Promise<void>} ask brings what is wanted and shows it */
  constructor(ask) {
    this.ask = ask;
    this.shown = '';
    this.wanted = '';
    this.waiting = false;
  }

  /** @param {string} wanted names what is asked for and the moment: the same is not asked for twice */
  want(wanted) {
    this.wanted = wanted;
    if (this.waiting || wanted === this.shown) return;
    this.shown = wanted;
    this.waiting = true;
    this.ask(wanted).finally(() =>
      setTimeout(() => {
        this.waiting = false;
        this.want(this.wanted);
      }, PAUSE),
    );
  }
}

/** Something of the shown process that only a living one has. @param {import('./view.js').View} view @param {string} what @returns {Promise<{ok: boolean, text: string}>} */
export async function ofLiving(view, what) {
  const process = view.state.table('process').get(view.selection.pid);
  return process && hasEnded(view.schema, process) ? { ok: false, text: `P${process.pid} has ended: nothing of it is left to look at.` } : ofProcess(view, what);
}

/** Something of a process, which is the one that is shown unless another is named. @param {import('./view.js').View} view @param {string} what @returns {Promise<{ok: boolean, text: string}>} */
export async function ofProcess({ info, state, selection }, what, pid = selection.pid) {
  if (!state.table('process').has(pid)) return { ok: false, text: 'No process is shown.' };
  return fetched(`/api/v1/labs/${encodeURIComponent(info.id)}/processes/${pid}/${what}`);
}

/** @param {string} path @returns {Promise<{ok: boolean, text: string}>} what came, or why it did not */
export async function fetched(path) {
  try {
    const response = await fetch(path, { headers: { Accept: 'text/plain, application/json' } });
    const text = await response.text();
    if (response.ok) return { ok: true, text };
    const problem = JSON.parse(text);
    return { ok: false, text: `${problem.title}: ${problem.detail ?? ''}` };
  } catch {
    return { ok: false, text: 'The server could not be reached.' };
  }
}
