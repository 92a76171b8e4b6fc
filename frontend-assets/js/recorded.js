/**
 * A recording as a laboratory that has ended. Its last part is shown at once; what came before is read part by part, each
 * by its range of the file's bytes, as the log of a live laboratory is brought after its snapshot.
 */
import { History } from './history.js';
import { Laboratory } from './laboratory.js';
import { Recording } from './recording.js';
import { Segment } from './segment.js';
import { State } from './state.js';
import { batchOf } from './wire-writer.js';

/** @param {import('./recording-bytes.js').Source} source */
export async function replay(source) {
  const recording = await Recording.open(source);
  const { header, schema } = recording;
  const { configuration } = header;
  const laboratory = new Laboratory(schema, {
    ...configuration,
    id: '',
    name: header.name,
    tlb: { entries: configuration.tlbEntries, ways: configuration.tlbWays },
  });
  laboratory.recorded = true;
  laboratory.outline = recording.segments.slice(afterGaps(recording.segments));
  laboratory.setCondition('live', '');
  bring(recording, laboratory).catch((error) => laboratory.setCondition('ended', error.message));
  return laboratory;
}

/** @param {Recording} recording @param {Laboratory} laboratory */
async function bring(recording, laboratory) {
  const { segments, schema } = recording;
  const last = segments.findLastIndex(({ hasKeyframe }) => hasKeyframe);
  const strings = [''];
  for await (const { batch, keyframe } of read(recording, last, segments.length, strings)) {
    if (keyframe?.moment === segments[last].first - 1) {
      laboratory.snapshot(snapshotOf(keyframe, strings));
      laboratory.state.strings = strings; // grows with what is read, so that every moment has its names
    }
    if (keyframe) laboratory.history.keyframes.push(keyframe);
    laboratory.records(batch);
  }
  const from = afterGaps(segments);
  if (from === last) return;
  const older = new History(schema, segments[from].first - 1);
  for await (const { batch, keyframe } of read(recording, from, last, strings)) {
    if (keyframe) older.keyframes.push(keyframe);
    older.append(batch);
    laboratory.reading(older);
  }
  laboratory.precede(older);
}

/** Records miss where a part does not follow the one before: only what comes after can be gone back through. @param {import('./recording.js').SegmentInfo[]} segments */
function afterGaps(segments) {
  let from = segments.findLastIndex(({ hasKeyframe }) => hasKeyframe);
  while (from > 0 && segments[from].first === segments[from - 1].first + segments[from - 1].count) from--;
  while (!segments[from].hasKeyframe) from++;
  return from;
}

/**
 * The records of some segments, the first of which has a keyframe, and the keyframes before them.
 *
 * @param {Recording} recording
 * @param {number} from
 * @param {number} until
 * @param {string[]} strings
 * @returns {AsyncGenerator<{batch: import('./wire.js').Batch, keyframe: ?import('./keyframe.js').Keyframe}>}
 */
async function* read(recording, from, until, strings) {
  const { schema } = recording;
  const state = new State(schema);
  for (let at = from; at < until; at++) {
    const segment = await Segment.of(await recording.entry(at), schema, strings);
    const keyframe = segment.head.hasKeyframe ? segment.keyframe() : null;
    if (keyframe && at === from) state.stand(keyframe.tables());
    yield { batch: batchOf(segment.records(state)), keyframe };
  }
}

/** @param {import('./keyframe.js').Keyframe} keyframe @param {string[]} strings @returns {import('./wire.js').Snapshot} */
function snapshotOf(keyframe, strings) {
  const tables = keyframe.tables().map((rows, ordinal) => {
    const { columns } = keyframe.schema.tables[ordinal];
    return [...rows].map(([key, row]) => ({ key, values: columns.map(({ name }) => row[name]) }));
  });
  return { kind: 'snapshot', sequence: keyframe.moment, strings, tables };
}
