/** Prints the hashes that a recording has at the moments named: `node play-recording.js file moment...`, for the tests. */
import { readFileSync } from 'node:fs';
import { bufferSource } from '../../../frontend-assets/js/recording-bytes.js';
import { Player, Recording } from '../../../frontend-assets/js/recording.js';

const [file, ...moments] = process.argv.slice(2);
const recording = await Recording.open(bufferSource(readFileSync(file)));
const wanderer = new Player(recording);
for (const moment of moments.map(Number)) {
  const direct = new Player(recording);
  await direct.seek(moment);
  await wanderer.seek(moment);
  console.log(moment, direct.hash(), wanderer.hash());
}
