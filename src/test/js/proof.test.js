import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equation } from '../../../frontend-assets/js/owners.js';
import { firstBroken } from '../../../frontend-assets/js/proof.js';
import { State } from '../../../frontend-assets/js/state.js';

const COLUMNS = { frame: ['ppn', 'kind', 'refs', 'mappings', 'cached', 'pins', 'parent'], pte: ['address', 'pid', 'level', 'va', 'value'] };
const tables = Object.entries(COLUMNS).map(([name, columns]) => ({ name, columns: columns.map((column) => ({ name: column })) }));
const LEAF = 5 * 1024 + 0xd7;

function machine(frame, ...entries) {
  const state = new State({ tables, ordinal: (name) => tables.findIndex((table) => table.name === name) });
  state.apply({ type: 'INSERT', sequence: 1, ordinal: 0, key: 5, values: frame });
  for (const value of entries) state.apply({ type: 'INSERT', sequence: 2, ordinal: 1, key: 4096, values: [4096, 1, 0, 0x10000000, value] });
  return state;
}

test('referencesThatAddUp_areProved', () => {
  assert.equal(firstBroken(machine([5, 2, 2, 1, 1, 0, 0], LEAF), new Map([[5, 1042]]), true), null);
});

test('frameWhoseReferencesDoNotAddUp_isNamed_withTheChangeThatBrokeIt', () => {
  const state = machine([5, 2, 3, 1, 1, 0, 0], LEAF);
  assert.deepEqual(firstBroken(state, new Map([[5, 1042]]), false), { ppn: 5, sequence: 1042, words: 'refs 3 ≠ 1 mapping + 1 cache' });
  assert.equal(equation(state.table('frame').get(5)), 'refs 3 ≠ 1 mapping + 1 cache');
});

test('mappingWithoutItsEntry_isFineWithinACommand_andNamedAtItsEnd', () => {
  const state = machine([5, 2, 1, 1, 0, 0, 0]);
  assert.equal(firstBroken(state, new Map([[5, 7]]), false), null);
  assert.equal(firstBroken(state, new Map([[5, 7]]), true)?.words, '1 mapping counted, 0 found in the tables');
});
