/** Says of each file of a folder what becomes of opening and playing it, a line each: `node play-hostile.js folder`, for the tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bufferSource } from '../../../frontend-assets/js/recording-bytes.js';
import { Player, Recording } from '../../../frontend-assets/js/recording.js';

/** @param {string} file */
async function verdict(file) {
  try {
    const recording = await Recording.open(bufferSource(readFileSync(file)));
    const player = new Player(recording);
    await player.seek(recording.firstMoment);
    for (const { first, count } of recording.segments) await player.seek(first + count - 1);
    return `plays ${recording.lastMoment} ${player.hash()}`;
  } catch (error) {
    if (error instanceof RangeError && error.message !== '') return `refused ${error.message}`;
    return `defect ${/** @type {Error} */ (error).stack?.replaceAll('\n', ' ')}`;
  }
}

const folder = process.argv[2];
for (const name of readdirSync(folder).sort()) {
  const began = performance.now();
  const words = await verdict(join(folder, name));
  console.log([name, Math.round(performance.now() - began), words].join('\t'));
}
