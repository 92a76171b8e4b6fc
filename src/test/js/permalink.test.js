import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlace, writePlace } from '../../../frontend-assets/js/permalink.js';

const SELECTED = { at: 42, pid: 1, va: 0x10000abcn, item: 'frame:17' };

test('a place is read as it was written', () => {
  const query = writePlace('', SELECTED);
  assert.equal(query, '?at=42&sel=1:0x10000abc,frame:17');
  assert.deepEqual(readPlace(query), { ...SELECTED, wrong: '' });
});

test('what else the address says stays, an older place does not', () => {
  assert.equal(writePlace('?scenario=cow&at=7&sel=2:0x1', { at: null, pid: 1, va: 0n, item: null }), '?scenario=cow&sel=1:0x0');
  assert.equal(writePlace('?at=7', { at: null, pid: 0, va: 0n, item: null }), '');
});

test('what is no place is named', () => {
  assert.match(readPlace('?at=soon').wrong, /at=soon is no sequence number/);
  assert.match(readPlace('?sel=1').wrong, /sel=1 is not PID:ADDRESS/);
  assert.match(readPlace('?sel=1:0x1,script:1').wrong, /script:1/);
});

test('every kind of item that can be selected can be linked to', () => {
  for (const item of ['va:1:10000000', 'entry:4096', 'frame:5', 'page:4:0', 'vma:1', 'tlb:3', 'process:1', 'slot:2', 'rss:1', 'tables:1']) {
    assert.deepEqual(readPlace(writePlace('', { ...SELECTED, item })), { ...SELECTED, item, wrong: '' });
  }
});
