import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Laboratory } from '../../../frontend-assets/js/laboratory.js';
import { Schema } from '../../../frontend-assets/js/schema.js';
import { derived, LEADS, State } from '../../../frontend-assets/js/state.js';
import { ppnOf } from '../../../frontend-assets/js/walk.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { copyOnWrite, picture, schema, snapshot, TYPE, Writer } from './fixture.js';

test('records_appliedAndUndone_leaveTheStateAsItWas', () => {
  const state = new State(schema);
  state.load(decode(snapshot(40), schema));
  const before = picture(state);
  const { records } = decode(copyOnWrite(41), schema);
  records.forEach((record) => state.apply(record));
  assert.deepEqual([...state.table('frame').keys()].sort(), [5, 9]);
  assert.equal(state.table('frame').get(5).refs, 1);
  records.toReversed().forEach((record) => state.undo(record));
  assert.equal(picture(state), before);
});

test('randomChanges_appliedAndUndone_passThroughTheSameStates', () => {
  const seed = 20_240_917;
  let random = seed;
  const next = (n) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  const state = new State(schema);
  const pictures = [picture(state)];
  const records = [];
  for (let i = 0; i < 300; i++) {
    const key = next(8);
    const row = state.table('frame').get(key);
    const values = row && Object.values(row);
    const record = !row
      ? { type: 'INSERT', sequence: i, ordinal: 0, key, values: [key, next(4), next(9)] }
      : next(3) === 0
        ? { type: 'DELETE', sequence: i, ordinal: 0, key, values }
        : { type: 'UPDATE', sequence: i, ordinal: 0, key, columns: [1], before: [row.refs], after: [next(9)] };
    state.apply(record);
    records.push(record);
    pictures.push(picture(state));
  }
  for (let i = records.length - 1; i >= 0; i--) {
    state.undo(records[i]);
    assert.equal(picture(state), pictures[i], `seed ${seed}, change ${i}`);
  }
});

test('update_ofARowThatIsNotThere_isRefused', () => {
  const state = new State(schema);
  assert.throws(() => state.apply({ type: 'UPDATE', sequence: 1, ordinal: 0, key: 3, columns: [1], before: [0], after: [1] }), /no row 3 in frame/);
});

function laboratory() {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot(decode(snapshot(40), schema));
  lab.records(decode(copyOnWrite(41), schema));
  return lab;
}

test('story_steppedBackAndOn_showsTheStateAfterEachStep', () => {
  const lab = laboratory();
  assert.equal(lab.story.position, 2);
  lab.moveBy(-1);
  assert.equal(lab.mode, 'paused');
  assert.equal(lab.state.table('frame').get(5).refs, 2);
  assert.equal(lab.state.table('frame').has(9), false);
  assert.equal(lab.state.table('frame').has(6), true);
  lab.moveTo(0);
  assert.equal(lab.story.current, null);
  lab.moveTo(99);
  assert.equal(lab.mode, 'live');
  assert.equal(lab.state.table('frame').get(9).inode, 3);
});

test('recordsThatComeWhilePaused_areKeptAndShownAtTheEnd', () => {
  const lab = laboratory();
  lab.moveTo(0);
  const writer = new Writer(2).varint(49).varint(3);
  writer.head(TYPE.OPERATION, 0).zigzag(8).zigzag(0);
  writer.head(TYPE.STEP, 2).zigzag(0x1000);
  writer.head(TYPE.OUTCOME, 0).zigzag(0).zigzag(0).zigzag(1).zigzag(1).zigzag(0x1000);
  lab.records(decode(writer.message(), schema));
  assert.equal(lab.newerOperations, 1);
  assert.equal(lab.mode, 'replay');
  assert.equal(lab.story.operation.sequence, 42);
  lab.goLive();
  assert.equal(lab.newerOperations, 0);
  assert.equal(lab.story.operation.sequence, 49);
  assert.equal(lab.at, 51);
  assert.equal(lab.story.fault, 'fatal');
  assert.equal(lab.story.why, 'no VMA contains 0x1000');
  assert.deepEqual(lab.story.outcome, { result: 0, errno: '', signal: 'SIGSEGV', code: 'SEGV_MAPERR', address: 0x1000 });
});

test('whatAsksWhereEntriesLead_isKeptWhileOnlyTheirBitsChange', () => {
  const column = (name) => ({ name, format: { shape: 'DECIMAL' } });
  const state = new State(new Schema({ ...schema, tables: [{ name: 'pte', columns: ['address', 'value'].map(column) }] }));
  const [READ, WRITE] = [0b0011, 0b0111];
  const leaf = (frame, bits) => frame * 1024 + bits;
  let computed = 0;
  const places = derived([LEADS], ({ tables }) => {
    computed++;
    return [...tables[0].values()].map(({ value }) => ppnOf(value)).join();
  });
  const set = (before, after) => ({ type: 'UPDATE', sequence: 2, ordinal: 0, key: 8, columns: [1], before: [before], after: [after] });
  state.apply({ type: 'INSERT', sequence: 1, ordinal: 0, key: 8, values: [8, leaf(5, READ)] });
  assert.equal(places(state), '5');
  for (const [before, after, frame, times] of [
    [leaf(5, READ), leaf(5, WRITE), '5', 1],
    [leaf(5, WRITE), leaf(6, WRITE), '6', 2],
    [leaf(6, WRITE), 0, '0', 3],
    [0, leaf(6, READ), '6', 4],
  ]) {
    state.apply(set(before, after));
    assert.equal(places(state), frame);
    assert.equal(computed, times);
  }
  state.undo(set(0, leaf(6, READ)));
  assert.equal(places(state), '0');
});
