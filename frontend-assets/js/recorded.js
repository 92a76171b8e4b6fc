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
  laboratory.setCondition('live', '');
  bring(recording, laboratory).catch((error) => laboratory.setCondition('ended', error.message));
  return laboratory;
}

/** @param {Recording} recording @param {Laboratory} laboratory */
async function bring(recording, laboratory) {
  const { segments, schema } = recording;
  const last = segments.findLastIndex(({ hasKeyframe }) => hasKeyframe);
  for await (const { batch, before } of read(recording, last, segments.length)) {
    if (before) laboratory.snapshot(before);
    laboratory.records(batch);
  }
  const from = afterGaps(segments, last);
  if (from === last) return;
  const older = new History(schema, segments[from].first - 1);
  for await (const { batch } of read(recording, from, last)) older.append(batch);
  laboratory.precede(older);
}

/** Records miss where a part does not follow the one before: only what comes after can be gone back through. @param {import('./recording.js').SegmentInfo[]} segments @param {number} last */
function afterGaps(segments, last) {
  let from = last;
  while (from > 0 && segments[from].first === segments[from - 1].first + segments[from - 1].count) from--;
  while (!segments[from].hasKeyframe) from++;
  return from;
}

/**
 * The records of some segments, the first of which has a keyframe, and before that one the state.
 *
 * @param {Recording} recording
 * @param {number} from
 * @param {number} until
 * @returns {AsyncGenerator<{batch: import('./wire.js').Batch, before: ?import('./wire.js').Snapshot}>}
 */
async function* read(recording, from, until) {
  const { schema } = recording;
  const strings = [''];
  let state = new State(schema);
  for (let at = from; at < until; at++) {
    const segment = await Segment.of(await recording.entry(at), schema, strings);
    let before = null;
    if (at === from) {
      state = segment.keyframe();
      before = snapshotOf(state, recording.segments[at].first - 1, [...strings]);
    }
    yield { batch: batchOf(segment.records(state)), before };
  }
}

/** @param {State} state @param {number} sequence @param {string[]} strings @returns {import('./wire.js').Snapshot} */
function snapshotOf(state, sequence, strings) {
  const tables = state.tables.map((rows, ordinal) => {
    const { columns } = state.schema.tables[ordinal];
    return [...rows].map(([key, row]) => ({ key, values: columns.map(({ name }) => row[name]) }));
  });
  return { kind: 'snapshot', sequence, strings, tables };
}
