import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../frontend-assets/js/history.js';
import { Laboratory } from '../../../frontend-assets/js/laboratory.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { schema as small } from './fixture.js';
import { Schema } from '../../../frontend-assets/js/schema.js';
import { Survey } from '../../../frontend-assets/js/survey.js';

/** The lanes know frames by their kind and entries by their value. */
const column = (name) => ({ name, format: { shape: 'DECIMAL' } });
const schema = new Schema({ ...small, tables: [{ name: 'frame', columns: ['ppn', 'refs', 'inode', 'kind'].map(column) }, { name: 'hart', columns: ['hart', 'satp'].map(column) }, { name: 'pte', columns: ['address', 'value'].map(column) }] });

const PART = 1000;

/** So many operations of two records each, from one record on. */
const batch = (first, records) =>
  batchOf(
    Array.from({ length: records }, (_, i) =>
      i % 2 ? { type: 'STEP', sequence: first + i, ordinal: 0, values: [13, 0] } : { type: 'OPERATION', sequence: first + i, ordinal: 0, values: [1, 0] },
    ),
  );
const empty = (sequence) => ({ kind: 'snapshot', sequence, strings: [''], tables: schema.tables.map(() => []) });
const part = (first) => ({ first, count: PART, hasKeyframe: true, operations: PART / 2, faults: PART / 2, offset: 0, end: 0 });

/** Until a survey has nothing more to read. */
async function settled(survey) {
  while (survey.waiting) await new Promise((done) => setTimeout(done));
}

test('recording_isOutlinedFirst_andReadOverOnceFromItsBeginning', async () => {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.recorded = true;
  lab.outline = [part(1), part(PART + 1), part(2 * PART + 1)];
  const survey = new Survey(lab, () => {});
  assert.deepEqual([survey.start, survey.head, survey.unread.length], [0, 3 * PART, 3]);

  lab.snapshot(empty(2 * PART));
  lab.records(batch(2 * PART + 1, PART));
  await settled(survey);
  assert.equal(survey.lanes.head, 0, 'the end is there first, and waits for what lies before it');

  const older = new History(schema, 0);
  older.append(batch(1, PART));
  lab.reading(older);
  await settled(survey);
  assert.deepEqual([survey.lanes.head, survey.unread.length], [PART, 2]);

  older.append(batch(PART + 1, PART));
  lab.reading(older);
  lab.precede(older);
  await settled(survey);
  assert.deepEqual([survey.lanes.head, survey.unread.length], [3 * PART, 0]);
  assert.equal(survey.lanes.sums.operations, 1.5 * PART);
  assert.equal(survey.lanes.sums.minor, 1.5 * PART);
});

test('moment_thatIsNotReadYet_isGoneToWhenItIs', () => {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot(empty(PART));
  lab.records(batch(PART + 1, PART));
  const older = new History(schema, 0);
  older.append(batch(1, PART));
  lab.reading(older);
  lab.seek(17, 'step');
  assert.equal(lab.at, PART);
  lab.precede(older);
  assert.equal(lab.at, 17);
});

test('liveLog_isReadOverAsItComes_andAnewWhereItBeginsElsewhere', async () => {
  const lab = new Laboratory(schema, { frames: 16 });
  let came = 0;
  const survey = new Survey(lab, () => came++);
  lab.snapshot(empty(500));
  lab.records(batch(501, PART));
  await settled(survey);
  assert.deepEqual([survey.start, survey.lanes.head, survey.lanes.sums.operations], [500, 500 + PART, PART / 2]);
  assert.equal(survey.checkpoints.at, 500 + PART);
  assert.ok(came > 0);
  lab.snapshot(empty(9000));
  lab.records(batch(9001, 10));
  await settled(survey);
  assert.deepEqual([survey.start, survey.lanes.sums.operations], [9000, 5]);
});
