/**
 * The proof that a frame's references are those who refer to it: they add up after every step, and once a command is over
 * as many entries lead to the frame as are counted.
 */
import { addsUp, equation, mappers, TABLE } from './owners.js';
import { counted } from './schema.js';

/**
 * @param {import('./state.js').State} state
 * @param {Map<number, number>} frames the record that changed each last
 * @param {boolean} isOver of the command; within it a reference is taken before its entry is written
 * @returns {?{ppn: number, sequence: number, words: string}} the first that does not hold
 */
export function firstBroken(state, frames, isOver) {
  for (const [ppn, sequence] of frames) {
    const frame = state.table('frame').get(ppn);
    if (!frame) continue;
    const words = addsUp(frame) ? isOver && miscounted(state, frame) : equation(frame);
    if (words) return { ppn, sequence, words };
  }
  return null;
}

/** @param {import('./state.js').State} state @param {import('./state.js').Row} frame */
function miscounted(state, frame) {
  const found = mappers(state, frame).length;
  return frame.kind === TABLE || found === Number(frame.mappings) ? '' : `${counted(Number(frame.mappings), 'mapping', 'mappings')} counted, ${found} found in the tables`;
}
