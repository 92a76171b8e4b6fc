/**
 * Gives a command to a laboratory by the API, and tells in a line what came of it.
 *
 * @typedef {{verdict: string, why: string, bad: boolean}} Outcome
 */

/** @param {string} lab @param {Record<string, any>} command @returns {Promise<Outcome>} */
export const give = async (lab, command) => told(await ask(lab, command));

/** @param {string} lab @param {Record<string, any>} command @returns {Promise<any>} the API's answer @throws {Error} which says why it could not be given */
export async function ask(lab, command) {
  const response = await fetch(`/api/v1/labs/${encodeURIComponent(lab)}/commands`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(command),
  }).catch(() => {
    throw new Error('The server could not be reached.');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  return answer;
}

/** An answer of the API in a line. @param {any} answer @returns {Outcome} */
export function told({ result, errno, signal, why }) {
  if (signal) return { verdict: `${signal.name} ${signal.code}`, why: why ?? '', bad: true };
  if (errno) return { verdict: `-1 ${errno}`, why: why ?? '', bad: true };
  return { verdict: `= ${shown(result)}`, why: '', bad: false };
}

/** @param {any} result */
function shown(result) {
  if (result === null || typeof result !== 'object') return String(result ?? 0);
  if (typeof result.hex === 'string') {
    const bytes = (result.hex.match(/../g) ?? []).map((/** @type {string} */ pair) => parseInt(pair, 16));
    return `"${bytes.map((/** @type {number} */ byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')}"`;
  }
  return String(result.pid ?? result.length ?? result.instruction ?? result.pc ?? JSON.stringify(result));
}
