import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Checkpoints } from '../../../frontend-assets/js/checkpoints.js';
import { Keyframe } from '../../../frontend-assets/js/keyframe.js';
import { Laboratory } from '../../../frontend-assets/js/laboratory.js';
import { State } from '../../../frontend-assets/js/state.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { arrived, picture, schema, snapshot } from './fixture.js';

const SEED = 20_261_123;

/** Rows that come, change and go, as a laboratory that has heard all of them. */
function busy(records) {
  let random = SEED;
  const next = (n) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot({ kind: 'snapshot', sequence: 0, strings: [''], tables: [[], []] });
  const there = new Map();
  const batch = [];
  for (let sequence = 1; sequence <= records; sequence++) {
    const key = next(400);
    const row = there.get(key);
    if (sequence % 50 === 1) batch.push({ type: 'OPERATION', sequence, ordinal: 0, values: [1, 0] });
    else if (!row) {
      const values = [key, next(9), next(3) ? next(100) : -(2n ** 63n) + BigInt(next(100))];
      there.set(key, values);
      batch.push({ type: 'INSERT', sequence, ordinal: 0, key, values: [...values] });
    } else if (next(4) === 0) {
      there.delete(key);
      batch.push({ type: 'DELETE', sequence, ordinal: 0, key, values: row });
    } else {
      const after = row[1] + 1;
      batch.push({ type: 'UPDATE', sequence, ordinal: 0, key, columns: [1], before: [row[1]], after: [after] });
      there.set(key, [row[0], after, row[2]]);
    }
    if (batch.length === 700 || sequence === records) lab.records(batchOf(batch.splice(0)));
  }
  return lab;
}

test('keyframe_ofAState_hasItsRows', () => {
  const state = new State(schema);
  state.load(decode(snapshot(40), schema));
  state.table('frame').set(-(2n ** 63n), { ppn: -(2n ** 63n), refs: 2 ** 52, inode: 2n ** 63n - 1n });
  state.table('frame').set(2 ** 52, { ppn: 0, refs: -1, inode: 0 });
  const copy = new State(schema);
  copy.stand(Keyframe.of(state, 40).tables());
  copy.strings = state.strings;
  assert.equal(picture(copy), picture(state));
});

test('seeksAcrossALongLog_standAtTheStatesThatPlayingWouldReach', async () => {
  const played = busy(60_000);
  const sought = busy(60_000);
  const checkpoints = new Checkpoints(sought.history, new State(schema));
  for (let at = 1000; at <= 60_000; at += 1000) checkpoints.follow(at);
  assert.deepEqual(
    sought.history.keyframes.map(({ moment }) => moment),
    [0, 9_000, 18_000, 27_000, 36_000, 45_000, 54_000],
  );
  let steps = 0;
  for (const name of ['apply', 'undo']) {
    const really = sought.state[name];
    sought.state[name] = function (record) {
      steps++;
      really.call(this, record);
    };
  }
  let random = SEED;
  for (let i = 0; i < 20; i++) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const moment = random % 60_001;
    played.seek(moment, 'step');
    sought.seek(moment, 'step');
    await Promise.all([arrived(played), arrived(sought)]);
    assert.equal(sought.at, moment);
    assert.equal(picture(sought.state), picture(played.state), `seed ${SEED}, seek ${i} to ${moment}`);
  }
  assert.ok(steps / 20 < 4_500, `${steps / 20} records a seek`);
});

test('checkpoints_thatTakeTooMuch_becomeRarer', () => {
  const lab = busy(60_000);
  const checkpoints = new Checkpoints(lab.history, new State(schema));
  checkpoints.bytes = 24 * 2 ** 20;
  for (let at = 1000; at <= 60_000; at += 1000) checkpoints.follow(at);
  const moments = lab.history.keyframes.map(({ moment }) => moment);
  assert.equal(moments[0], 0);
  assert.ok(moments.length <= 4, String(moments));
  assert.ok(moments.at(-1) >= 36_000, String(moments));
});

test('momentFarAway_isReachedInStretches_andItsStoryIsThereAtOnce', async () => {
  const lab = busy(60_000);
  const played = busy(20_000);
  const really = lab.state.undo;
  let undone = 0;
  lab.state.undo = function (record) {
    undone++;
    really.call(this, record);
  };
  lab.seek(20_000, 'step');
  assert.equal(lab.at, 20_000);
  assert.equal(lab.story.operation.sequence, 19_951);
  assert.equal(lab.underway, true);
  assert.equal(undone, 8192);
  await arrived(lab);
  assert.equal(undone, 40_000);
  assert.equal(picture(lab.state), picture(played.state));
});

test('readerUnderway_whoGoesElsewhere_arrivesThereAlone', async () => {
  const lab = busy(60_000);
  const moments = [];
  lab.addEventListener('moved', () => moments.push(lab.at));
  lab.seek(0, 'step');
  lab.seek(30_000, 'step');
  await arrived(lab);
  lab.seek(31_000, 'step');
  assert.deepEqual(moments, [30_000, 31_000]);
  assert.equal(lab.underway, false);
});

test('recordsThatComeOnTheWayToTheHead_areReachedToo_andNothingIsDrawnBefore', async () => {
  const lab = busy(60_000);
  lab.seek(0, 'step');
  await arrived(lab);
  lab.goLive();
  let drawn = 0;
  lab.addEventListener('change', () => drawn++);
  lab.records(batchOf([{ type: 'INSERT', sequence: 60_001, ordinal: 0, key: 1000, values: [1000, 1, 0] }]));
  assert.equal(lab.state.table('frame').has(1000), false);
  assert.equal(drawn, 0);
  await arrived(lab);
  assert.equal(lab.at, 60_001);
  assert.equal(lab.state.table('frame').has(1000), true);
  assert.equal(lab.mode, 'live');
});

test('keyframe_ofManyRows_isReadAndWrittenPartByPart', () => {
  const state = new State(schema);
  for (let key = 0; key < 100_000; key++) state.table('frame').set(key, { ppn: key, refs: key % 7, inode: -key });
  const written = [...Keyframe.write(state, 1)];
  const keyframe = Keyframe.of(state, 1);
  assert.ok(written.length >= 8, `${written.length} parts`);
  assert.ok([...keyframe.read()].length >= 8);
  assert.deepEqual([...keyframe.tables()[0]].slice(-2), [...state.table('frame')].slice(-2));
});
