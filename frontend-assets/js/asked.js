/**
 * What the server is asked for again when the laboratory has moved, a few times a second at most, however fast that is.
 */
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

/** The address of something of a process. @param {import('./view.js').View} view @param {string} what */
export const ofProcess = ({ info, selection }, what) => `/api/v1/labs/${encodeURIComponent(info.id)}/processes/${selection.pid}/${what}`;

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
