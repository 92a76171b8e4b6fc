import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMaking, madeAt } from '../../../frontend-assets/js/made-at.js';

/** A view at record 30 whose history has an insertion of frame 7 at records 4 and 21, and of frame 8 at record 9. */
function view() {
  const made = new Map([[4, 7], [9, 8], [21, 7]]);
  const looked = [];
  const history = {
    start: 0,
    *backwards(last, first) {
      for (let sequence = last; sequence >= first; sequence--) {
        looked.push(sequence);
        yield { type: made.has(sequence) ? 'INSERT' : 'UPDATE', ordinal: 3, key: made.get(sequence) ?? 7, sequence };
      }
    },
  };
  return { looked, schema: { ordinal: () => 3 }, laboratory: { history, at: 30 } };
}

test('rows_areToldTheLastRecordThatMadeThem', () => {
  const [seven, eight] = [{}, {}];
  findMaking(view(), 'frame', new Map([[7, seven], [8, eight]]));
  assert.equal(madeAt(seven), 21);
  assert.equal(madeAt(eight), 9);
});

test('rowsThatWereFound_areNotLookedForAgain', () => {
  const first = view();
  const row = {};
  findMaking(first, 'frame', new Map([[7, row]]));
  assert.equal(first.looked.length, 10);
  findMaking(first, 'frame', new Map([[7, row]]));
  assert.equal(first.looked.length, 10);
});

test('rowThatNobodyMadeInTime_hasNoRecord', () => {
  const row = {};
  findMaking(view(), 'frame', new Map([[5, row]]));
  assert.equal(madeAt(row), null);
});
