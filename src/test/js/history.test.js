import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, below } from '../../../frontend-assets/js/history.js';
import { Laboratory } from '../../../frontend-assets/js/laboratory.js';
import { State } from '../../../frontend-assets/js/state.js';
import { Story } from '../../../frontend-assets/js/story.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { copyOnWrite, picture, schema, snapshot, TYPE, Writer } from './fixture.js';

/** One operation that sets what refers to frame 5; the reference count goes from one number to the next. */
function counting(first, before) {
  const writer = new Writer(2).varint(first).varint(4);
  writer.head(TYPE.OPERATION, 0).zigzag(7).zigzag(0);
  writer.head(TYPE.STEP, 0).zigzag(1).zigzag(0x1000);
  writer.head(TYPE.UPDATE, 0).zigzag(5).varint(0b010).zigzag(before).zigzag(before + 1);
  writer.head(TYPE.OUTCOME, 0).zigzag(0).zigzag(0).zigzag(0).zigzag(0).zigzag(0);
  return writer.message();
}

function laboratory(operations) {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot(decode(snapshot(40), schema));
  for (let i = 0; i < operations; i++) lab.records(decode(counting(41 + 4 * i, 2 + i), schema));
  return lab;
}

test('moment_goneBackTo_hasTheStateThatItHadWhenItWasNow', () => {
  const lab = laboratory(0);
  const pictures = new Map([[40, picture(lab.state)]]);
  for (let i = 0; i < 60; i++) {
    const { records } = decode(counting(41 + 4 * i, 2 + i), schema);
    // One record a message, so that every moment is once the newest.
    for (const record of records) {
      lab.records({ kind: 'records', first: record.sequence, records: [record], bytes: counting(41 + 4 * i, 2 + i) });
      pictures.set(lab.at, picture(lab.state));
    }
  }
  const seed = 4242;
  let random = seed;
  for (let i = 0; i < 1000; i++) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const sequence = 40 + (random % 241);
    lab.seek(sequence, 'step');
    assert.equal(lab.at, sequence);
    assert.equal(picture(lab.state), pictures.get(sequence), `seed ${seed}, seek ${i} to ${sequence}`);
  }
});

test('moments_outsideTheHistory_areDrawnToItsEnds', () => {
  const lab = laboratory(3);
  lab.seek(-5, 'step');
  assert.equal(lab.at, 40);
  assert.equal(lab.story, null);
  lab.seek(10_000, 'step');
  assert.equal(lab.at, 52);
  assert.equal(lab.mode, 'live');
});

test('stepsPastTheEndOfAStory_leadIntoTheNextOne', () => {
  const lab = laboratory(3);
  lab.moveTo(0);
  lab.moveBy(-1);
  assert.equal(lab.at, 48);
  assert.equal(lab.mode, 'replay');
  assert.equal(lab.story.operation.sequence, 45);
  assert.equal(lab.story.atEnd, true);
  lab.moveBy(1);
  assert.equal(lab.at, 49);
  assert.equal(lab.story.position, 0);
  assert.equal(lab.mode, 'paused');
});

test('earlierRecords_putBeforeTheSnapshot_canBeGoneBackTo', () => {
  const older = new History(schema, 32);
  older.append(decode(counting(33, 0), schema));
  older.append(decode(counting(37, 1), schema));
  older.append(decode(counting(41, 2), schema));
  const lab = laboratory(2);
  lab.precede(older);
  assert.deepEqual(lab.history.operations, [33, 37, 41, 45]);
  lab.seek(36, 'step');
  assert.equal(lab.state.table('frame').get(5).refs, 1);
  lab.seek(0, 'step');
  assert.equal(lab.at, 32);
  assert.equal(lab.state.table('frame').get(5).refs, 0);
  lab.goLive();
  assert.equal(lab.state.table('frame').get(5).refs, 4);
});

test('recordsWithAGap_areRefused', () => {
  const history = new History(schema, 40);
  assert.throws(() => history.append(decode(counting(45, 2), schema)), /record 45 came after 40/);
  history.append(decode(counting(41, 2), schema));
  const older = new History(schema, 30);
  older.append(decode(counting(31, 2), schema));
  assert.throws(() => history.precede(older), /records from 34 to 40 are missing/);
});

test('faults_nextAndPrevious_areFoundFromAnyMoment', () => {
  const history = new History(schema, 40);
  for (let i = 0; i < 3; i++) history.append(decode(counting(41 + 4 * i, 2 + i), schema));
  assert.deepEqual(history.faults, [42, 46, 50]);
  assert.equal(history.faultFrom(42, 1), 46);
  assert.equal(history.faultFrom(45, -1), 42);
  assert.equal(history.faultFrom(50, 1), undefined);
  assert.equal(history.faultFrom(42, -1), undefined);
  assert.equal(history.operationAt(44), 0);
  assert.equal(below([1, 3, 5], 4), 2);
});

test('batchesThatAreNoLongerDecoded_areDecodedAgain', () => {
  const history = new History(schema, 40);
  for (let i = 0; i < 200; i++) history.append(decode(counting(41 + 4 * i, 2 + i), schema));
  assert.equal(history.decoded.size, 32);
  assert.equal(history.record(43).after[0], 3);
  assert.equal([...history.backwards(840, 41)].length, 800);
  assert.deepEqual([...history.records(44, 46)].map((record) => record.type), ['OUTCOME', 'OPERATION', 'STEP']);
});

test('historyWithoutRecords_isAskedForThem_hasNone', () => {
  const history = new History(schema, 40);
  assert.deepEqual([...history.backwards(40, 41)], []);
  assert.deepEqual([...history.records(41, 40)], []);
});

test('change_goneToByItself_aloneCountsAsChanged_andInTheMidstOfAStepThoseBeforeItToo', () => {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot(decode(snapshot(40), schema));
  lab.records(decode(copyOnWrite(41), schema));
  lab.seek(46, 'change');
  assert.deepEqual([...lab.story.changes].map((change) => change.type), ['INSERT']);
  lab.seek(46, 'step');
  assert.equal(lab.story.count, 2);
  assert.equal(lab.story.atEnd, false);
});

/** An operation whose steps each change something, with names and an outcome among them. */
function longStory(history, steps) {
  const records = [{ type: 'STRING', number: 1, text: '/data' }, { type: 'OPERATION', ordinal: 0, values: [7, 1] }, { type: 'UPDATE', ordinal: 1, key: 0, columns: [1], before: [1], after: [2] }];
  for (let i = 0; i < steps; i++) {
    records.push({ type: 'STEP', ordinal: 1, values: [i, i + 1] });
    if (i % 2) records.push({ type: 'STRING', number: 2 + i, text: `${i}` });
    for (let n = 0; n < i % 3; n++) records.push({ type: 'UPDATE', ordinal: 0, key: 5, columns: [1], before: [n], after: [n + 1] });
  }
  records.push({ type: 'OUTCOME', ordinal: 0, values: [3, 0, 0, 0, 0] });
  records.forEach((record, i) => (record.sequence = history.head + 1 + i));
  for (let i = 0; i < records.length; i += 1000) history.append(batchOf(records.slice(i, i + 1000)));
  return records;
}

test('story_ofManySteps_isToldWithoutDecodingMoreThanIsLookedAt', () => {
  const history = new History(schema, 40);
  const records = longStory(history, 60_000);
  history.decoded.clear();
  const state = new State(schema);
  const story = new Story(state, history, history.record(42));
  story.hear(history.head);
  assert.equal(story.steps.length, 60_001);
  assert.equal(story.outcome.result, 3);
  assert.equal(story.headlines.get('COPIES').times, 60_000);
  assert.equal(story.count, records.filter(({ type }) => type === 'UPDATE').length);
  assert.ok(history.decoded.size <= 2, `${history.decoded.size} batches were decoded`);
  for (const place of [0, 1, 2, 3, 30_000, 59_999, 60_000]) {
    const { first, last, count, kind } = story.steps[place];
    story.stand(last, 'step');
    assert.equal(story.position, place + 1);
    const changes = records.slice(first - 41, last - 40).filter(({ type }) => type === 'UPDATE');
    assert.equal(kind?.name, place ? 'COPIES' : undefined);
    assert.deepEqual([...story.changes].map(({ sequence }) => sequence), changes.map(({ sequence }) => sequence));
    assert.equal(count, place ? (place - 1) % 3 : 1);
    assert.equal(story.count, count);
  }
});
