import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parting, rowsThatDiffer, stepsOfItsOwn } from '../../../frontend-assets/js/differences.js';
import { History } from '../../../frontend-assets/js/history.js';
import { State } from '../../../frontend-assets/js/state.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { copyOnWrite, schema, snapshot, TYPE, Writer } from './fixture.js';

function state(...batches) {
  const made = new State(schema);
  made.load(decode(snapshot(40), schema));
  for (const batch of batches) for (const record of decode(batch, schema).records) made.apply(record);
  return made;
}

/** One operation in which frame 5 goes from 2 references to another number. */
function counting(first, after) {
  const writer = new Writer(2).varint(first).varint(4);
  writer.head(TYPE.OPERATION, 0).zigzag(7).zigzag(0);
  writer.head(TYPE.STEP, 0).zigzag(1).zigzag(0x1000);
  writer.head(TYPE.UPDATE, 0).zigzag(5).varint(0b010).zigzag(2).zigzag(after);
  writer.head(TYPE.OUTCOME, 0).zigzag(0).zigzag(0).zigzag(0).zigzag(0).zigzag(0);
  return writer.message();
}

const history = (...batches) => {
  const made = new History(schema, 40);
  for (const batch of batches) made.append(decode(batch, schema));
  return made;
};

test('rowsThatAreAlike_areNotTold', () => {
  assert.deepEqual(rowsThatDiffer(state(), state(), 'frame'), []);
  assert.deepEqual(rowsThatDiffer(state(counting(41, 3)), state(counting(41, 3)), 'frame'), []);
});

test('rowThatDiffers_isToldWithItsColumns', () => {
  const [row, ...others] = rowsThatDiffer(state(counting(41, 3)), state(counting(41, 9)), 'frame');
  assert.deepEqual(others, []);
  assert.deepEqual([row.key, row.columns, row.left.refs, row.right.refs], ['5', ['refs'], 3, 9]);
});

test('rowThatOneSideLacks_isToldAsMissing', () => {
  const rows = rowsThatDiffer(state(), state(copyOnWrite(41)), 'frame');
  const missing = rows.find(({ left }) => left === null);
  assert.ok(missing?.right);
  const turned = rowsThatDiffer(state(copyOnWrite(41)), state(), 'frame').find(({ key }) => key === missing.key);
  assert.equal(turned?.right, null);
});

test('logsThatAreAlike_doNotPart', () => {
  assert.deepEqual(parting(history(counting(41, 3)), history(counting(41, 3)), 40), { at: 44, parted: false });
  assert.deepEqual(parting(history(counting(41, 3), counting(45, 4)), history(counting(41, 3)), 40), { at: 44, parted: false });
});

test('logsThatPart_doSoAtTheFirstRecordThatDiffers', () => {
  assert.deepEqual(parting(history(counting(41, 3)), history(counting(41, 4)), 40), { at: 43, parted: true });
  const [left, right] = [history(counting(41, 3), counting(45, 4)), history(counting(41, 3), counting(45, 5))];
  assert.deepEqual(parting(left, right, 40), { at: 47, parted: true });
  assert.deepEqual(parting(left, right, 44), { at: 47, parted: true });
});

test('stepsOfItsOwn_areThoseThatNoCommonOrderKeeps', () => {
  assert.deepEqual(stepsOfItsOwn(['a', 'b', 'c'], ['a', 'c']), [false, true, false]);
  assert.deepEqual(stepsOfItsOwn(['a', 'c'], ['a', 'b', 'c']), [false, false]);
  assert.deepEqual(stepsOfItsOwn(['a'], []), [true]);
  assert.deepEqual(stepsOfItsOwn([], ['a']), []);
});
