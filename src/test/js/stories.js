/** The stories of a recording, for the tests. */
import { History } from '../../../frontend-assets/js/history.js';
import { bufferSource } from '../../../frontend-assets/js/recording-bytes.js';
import { Player, Recording } from '../../../frontend-assets/js/recording.js';
import { Story } from '../../../frontend-assets/js/story.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';

/** Each with a player that stands before its first step. @param {Uint8Array} bytes of the recording */
export async function* storiesOf(bytes) {
  const recording = await Recording.open(bufferSource(new Uint8Array(bytes)));
  const ahead = new Player(recording);
  await ahead.seek(0);
  const records = [];
  while (ahead.sequence < recording.lastMoment) {
    await ahead.step(1);
    records.push(ahead.current);
  }
  const player = new Player(recording);
  const history = new History(recording.schema, records[0].sequence - 1);
  history.append(batchOf(records));
  const starts = records.flatMap((record, i) => (record.type === 'OPERATION' ? [i] : []));
  for (const [nth, start] of starts.entries()) {
    await player.seek(records[start].sequence);
    const story = new Story(player.state, history, records[start]);
    story.hear(records[(starts[nth + 1] ?? records.length) - 1].sequence);
    story.stand(player.sequence, 'step');
    yield { story, player };
  }
}
