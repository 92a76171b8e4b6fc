import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Search } from '../../../frontend-assets/js/search.js';

const TEXTS = ['P1 wrote 5 bytes', 'MMU reads L2[255]', 'KERNEL copies 4096 bytes', '~ frame 0x5 refs 0 → 1'];
const history = { start: 0, head: 1000, records: (first, last) => Array.from({ length: last - first + 1 }, (_, i) => ({ sequence: first + i })) };
const textOf = ({ sequence }) => `${TEXTS[sequence % TEXTS.length]} ${sequence}`;

/** A search that has come to its end. */
function all(asked) {
  const search = new Search(textOf);
  search.begin(asked, history);
  while (!search.isDone) search.slice(history);
  return search;
}

test('allWords_inAnyOrderAndCase_areFound', () => {
  assert.deepEqual(all('BYTES copies 998').hits, [{ sequence: 998, text: 'KERNEL copies 4096 bytes 998' }]);
  assert.equal(all('l2[255] copies').hits.length, 0);
});

test('slices_lookAtEveryRecordOnce_whateverTheClock', () => {
  let now = 0;
  const search = new Search(textOf);
  search.begin('mmu 1', history);
  let slices = 0;
  for (; !search.isDone; slices++) search.slice(history, () => (now += 5));
  assert.ok(slices > 4);
  const wanted = [];
  for (let i = 1; i <= 1000; i++) if (i % 4 === 1 && String(i).includes('1')) wanted.push(i);
  assert.deepEqual(search.hits.map(({ sequence }) => sequence), wanted);
});

test('hits_areBounded_andNothingAskedFindsNothing', () => {
  const many = all('e');
  assert.equal(many.hits.length, 200);
  assert.ok(many.isFull);
  assert.deepEqual(all('  ').hits, []);
});
