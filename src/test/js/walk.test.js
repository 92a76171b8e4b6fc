import assert from 'node:assert/strict';
import { test } from 'node:test';
import { State } from '../../../frontend-assets/js/state.js';
import { indexOf, isCanonical, isResident, isSwapped, kindOf, pageOf, ppnOf, slotOf, translate } from '../../../frontend-assets/js/walk.js';

const names = ['address', 'pid', 'level', 'va', 'value'];
const tables = { tables: [{ name: 'pte', columns: names.map((name) => ({ name })) }], ordinal: () => 0 };
const VA = 0x3f00012abcn;

function machine(...entries) {
  const state = new State(tables);
  entries.forEach((values, i) => state.apply({ type: 'INSERT', sequence: i, ordinal: 0, key: values[0], values }));
  return state;
}

const pointer = (ppn) => ppn * 1024 + 1;
const leaf = (ppn, bits) => ppn * 1024 + bits;

test('address_isSplitIntoIndices', () => {
  assert.deepEqual([2, 1, 0].map((level) => indexOf(VA, level)), [252, 0, 18]);
  assert.equal(pageOf(VA), 0x3f00012000n);
});

test('walk_throughThreeTables_endsAtTheByte', () => {
  const state = machine(
    [5 * 4096 + 252 * 8, 1, 2, 0x3f00000000, pointer(6)],
    [6 * 4096, 1, 1, 0x3f00000000, pointer(7)],
    [7 * 4096 + 18 * 8, 1, 0, 0x3f00012000, leaf(0x341, 0xd7)],
  );
  const walk = translate(state, 5, VA, 3);
  assert.equal(walk.ppn, 0x341);
  assert.equal(walk.pa, 0x341abc);
  assert.deepEqual(walk.reads.map((read) => read.table), [5, 6, 7]);
});

test('walk_overAnEntryThatIsNotValid_namesIt', () => {
  const walk = translate(machine([5 * 4096 + 252 * 8, 1, 2, 0x3f00000000, pointer(6)]), 5, VA, 3);
  assert.equal(walk.pa, null);
  assert.equal(walk.verdict, 'L1[0] is not valid: page fault');
  assert.equal(walk.reads[2].table, null);
});

test('superpage_keepsTheLowerIndexInTheFrame', () => {
  const walk = translate(machine([5 * 4096 + 252 * 8, 1, 2, 0x3f00000000, pointer(6)], [6 * 4096, 1, 1, 0x3f00000000, leaf(0x400, 0xd7)]), 5, VA, 3);
  assert.equal(walk.ppn, 0x412);
});

test('address_withUnlikeUpperBits_isNotCanonical', () => {
  assert.equal(isCanonical(VA, 3), true);
  assert.equal(isCanonical(1n << 38n, 3), false);
  assert.equal(isCanonical(0xffffffc000000000n, 3), true);
  assert.equal(isCanonical(1n << 38n, 4), true);
});

test('entry_withoutVButNotZero_namesASwapSlot', () => {
  const entry = { level: 0, va: 0x1000, pid: 1, value: 7n << 12n };
  assert.equal(kindOf(entry, () => null), 'swapped');
  assert.equal(slotOf(entry.value), 7);
  assert.equal(isSwapped(0), false);
  assert.equal(isSwapped(leaf(9, 0x22)), false);
});

test('leaf_withoutW_inAPrivateWritableArea_isCopyOnWrite', () => {
  const entry = { level: 0, va: 0x1000, pid: 1, value: leaf(9, 0x53) };
  const area = { sharing: 0, prot: 3 };
  assert.equal(kindOf(entry, () => area), 'cow');
  assert.equal(kindOf(entry, () => ({ sharing: 1, prot: 3 })), 'r');
  assert.equal(kindOf({ ...entry, value: leaf(9, 0xd7) }, () => area), 'rw');
  assert.equal(kindOf(undefined, () => null), 'empty');
});

test('frameNumber_ofAReservedBit_isLeftOut', () => {
  assert.equal(ppnOf(-1), 2 ** 44 - 1);
});

test('guardPage_isNeitherSwappedNorALeaf', () => {
  const entry = { level: 0, va: 0x1000, pid: 1, value: 0x4f80 };
  assert.equal(kindOf(entry, () => null), 'guard');
  assert.equal(isSwapped(entry.value), false);
});

test('pageWithProtNone_isNoPointerAndKeepsItsFrame', () => {
  const entry = [7 * 4096 + 18 * 8, 1, 0, 0x3f00012000, leaf(0x341, 0xe6 & ~1)];
  assert.equal(kindOf({ level: 0, va: 0x1000, pid: 1, value: entry[4] }, () => null), 'none');
  assert.equal(isResident(entry[4]), true);
  const walk = translate(machine([5 * 4096 + 252 * 8, 1, 2, 0x3f00000000, pointer(6)], [6 * 4096, 1, 1, 0x3f00000000, pointer(7)], entry), 5, VA, 3);
  assert.equal(walk.ppn, null);
  assert.equal(walk.verdict, 'L0[18] is not valid: page fault');
});

test('swappedPage_isNamedByItsSlotWhereTheWalkEnds', () => {
  const entry = [7 * 4096 + 18 * 8, 1, 0, 0x3f00012000, 9 * 4096];
  const walk = translate(machine([5 * 4096 + 252 * 8, 1, 2, 0x3f00000000, pointer(6)], [6 * 4096, 1, 1, 0x3f00000000, pointer(7)], entry), 5, VA, 3);
  assert.equal(walk.verdict, 'L0[18] is not valid: page fault; its page is in swap slot 9');
});
