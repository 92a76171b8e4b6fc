import assert from 'node:assert/strict';
import { test } from 'node:test';
import { density, Lanes } from '../../../frontend-assets/js/lanes.js';
import { Schema } from '../../../frontend-assets/js/schema.js';
import { State } from '../../../frontend-assets/js/state.js';

const DECIMAL = { shape: 'DECIMAL' };
const LEAF = 0b11;
const POINTER = 0b1;
const schema = new Schema({
  tables: [
    { name: 'frame', columns: [{ name: 'ppn', format: DECIMAL }, { name: 'kind', format: DECIMAL }] },
    { name: 'pte', columns: [{ name: 'address', format: DECIMAL }, { name: 'value', format: DECIMAL }, { name: 'level', format: DECIMAL }] },
  ],
  steps: ['TRAPS:CPU', 'TLB_MISS:MMU', 'READS_DISK:DISK', 'SENDS:KERNEL', 'RETRIES:CPU'].map((step) => {
    const [name, actor] = step.split(':');
    return { name, actor, template: '', headline: null, arguments: name === 'TRAPS' ? ['cause'] : [], decides: false };
  }),
  operations: [],
  formats: {},
});
const [TRAPS, TLB_MISS, READS_DISK, SENDS, RETRIES] = [0, 1, 2, 3, 4];
const step = (ordinal, ...values) => ({ type: 'STEP', ordinal, values });
const row = (type, ordinal, ...values) => ({ type, ordinal, key: values[0], values });
const update = (ordinal, before, after) => ({ type: 'UPDATE', ordinal, key: 1, columns: [1], before: [before], after: [after] });
const operation = { type: 'OPERATION', ordinal: 0, values: [] };
const outcome = (signal) => ({ type: 'OUTCOME', ordinal: 0, values: [0, 0, signal, 0, 0] });

/** Lanes that have counted these records. */
function lanes(records) {
  records.forEach((record, i) => (record.sequence = i + 1));
  const summed = new Lanes(schema, new State(schema), 0);
  const history = { head: records.length, records: (first, last) => records.slice(first - 1, last) };
  while (summed.consume(history, 100));
  return summed;
}

/** The sum of a lane over all buckets. */
const sum = ({ buckets }, lane) => buckets.reduce((total, bucket) => total + bucket[lane], 0);

test('faults_areCountedAsWhatTheyTurnOutToBe', () => {
  const summed = lanes([
    ...[operation, step(TRAPS, 15), step(RETRIES), outcome(0)],
    ...[operation, step(TRAPS, 13), step(READS_DISK), step(RETRIES), step(TRAPS, 13), step(RETRIES), outcome(0)],
    ...[operation, step(TRAPS, 12), step(SENDS), outcome(1)],
    ...[operation, step(TRAPS, 8), outcome(0)],
  ].map((record) => ({ ...record })));
  assert.deepEqual(['operations', 'calls', 'minor', 'major', 'fatal'].map((lane) => sum(summed, lane)), [4, 1, 2, 1, 1]);
  assert.deepEqual(summed.sums, { operations: 4, calls: 1, minor: 2, major: 1, fatal: 1, misses: 0 });
});

test('framesAndResidentPages_followInsertionsChangesAndDeletions', () => {
  const summed = lanes([
    row('INSERT', 0, 1, 1),
    row('INSERT', 0, 2, 2),
    row('INSERT', 1, 8, LEAF),
    row('INSERT', 1, 16, POINTER),
    update(0, 2, 3),
    update(1, LEAF, 0),
    row('DELETE', 0, 1, 1),
  ]);
  const { operations, calls, minor, major, fatal, misses, ...last } = summed.buckets.at(-1);
  assert.deepEqual(last, { table: 0, anon: 0, file: 1, resident: 0 });
  assert.deepEqual(summed.buckets[3], { operations: 0, calls: 0, minor: 0, major: 0, fatal: 0, misses: 0, table: 1, anon: 1, file: 0, resident: 1 });
  assert.deepEqual([operations, calls, minor, major, fatal, misses], [0, 0, 0, 0, 0, 0]);
});

test('zeroPage_isNobodysMemory', () => {
  const leafOf = (/** @type {number} */ ppn) => ppn * 1024 + LEAF;
  const summed = lanes([row('INSERT', 0, 5, 0), row('INSERT', 0, 6, 2), row('INSERT', 1, 8, leafOf(5)), row('INSERT', 1, 16, leafOf(6)), update(1, leafOf(5), leafOf(6))]);
  assert.deepEqual(summed.buckets.map(({ resident }) => resident), [0, 0, 0, 1, 2]);
});

test('longLogs_areFoldedIntoFewBucketsThatLoseNothing', () => {
  const records = Array.from({ length: 9_999 }, (_, i) => (i % 3 ? step(TLB_MISS) : row('INSERT', 0, i, 2)));
  const summed = lanes(records);
  assert.equal(summed.size, 8);
  assert.ok(summed.buckets.length <= 2048);
  assert.equal(sum(summed, 'misses'), 6_666);
  assert.equal(summed.buckets.at(-1).anon, 3_333);
  assert.ok(summed.buckets.every((bucket, i) => i === 0 || bucket.anon >= summed.buckets[i - 1].anon));
});

test('shortStretch_isSummedUpAnewFromHowThingsStoodBeforeIt', () => {
  const records = Array.from({ length: 9_999 }, (_, i) => (i % 3 ? step(TLB_MISS) : row('INSERT', 0, i, 2)));
  const summed = lanes(records);
  const history = { head: records.length, records: (first, last) => records.slice(first - 1, last) };
  const fine = summed.stretch(history, 6_000, 6_100);
  assert.equal(fine.size, 1);
  assert.equal(fine.start, 6_000);
  assert.equal(fine.buckets[0].anon, 2_001);
  assert.equal(fine.buckets.at(-1).anon, 2_034);
  assert.equal(sum(fine, 'misses'), 66);
  assert.equal(fine.most.frames, summed.most.frames);
  assert.equal(summed.stretch({ ...history, head: 9_999 }, 0, 40_000), summed);
});

test('a superpage counts as all of its pages, until it is split', () => {
  const summed = lanes([row('INSERT', 1, 1, LEAF, 1), row('INSERT', 1, 2, LEAF, 0), update(1, LEAF, POINTER)]);
  assert.deepEqual(summed.buckets.map(({ resident }) => resident), [512, 513, 1]);
});

test('densestBucket_ofAKind_isKnownBeforeAndAfterBucketsAreFolded', () => {
  const fault = () => [step(TRAPS, 15), step(RETRIES)];
  const dense = Array.from({ length: 512 }, fault).flat();
  const sparse = Array.from({ length: 4096 }, (_, i) => (i % 512 ? step(TLB_MISS) : operation));
  const summed = lanes([...dense, ...sparse].map((record) => ({ ...record })));
  assert.equal(summed.size, 4);
  assert.deepEqual([summed.most.minor, summed.most.misses, summed.most.calls], [2, 4, 1]);
  const shown = summed.buckets.map(({ minor }) => density(minor, summed.most.minor));
  assert.ok(shown.slice(0, 256).every((share) => share === 1) && shown.slice(256).every((share) => share === 0));
});

test('density_ofAFew_canBeToldFromThatOfMany', () => {
  const heights = [0, 1, 10, 100, 1000].map((count) => density(count, 1000));
  assert.deepEqual([heights[0], heights[4]], [0, 1]);
  for (let i = 1; i < heights.length; i++) assert.ok(heights[i] - heights[i - 1] > 0.03);
});
