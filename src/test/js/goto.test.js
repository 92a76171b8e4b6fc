import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destination } from '../../../frontend-assets/js/goto.js';

test('numbersAreRecords_hexIsAnAddress_framesSaySo', () => {
  assert.deepEqual(destination(' #1042 '), { record: 1042 });
  assert.deepEqual(destination('7'), { record: 7 });
  assert.deepEqual(destination('0x3ff7ffb000'), { address: 0x3ff7ffb000n });
  assert.deepEqual(destination('0xffffffffffffffff'), { address: 0xffffffffffffffffn });
  assert.deepEqual(destination('frame 0x1f'), { frame: 31 });
  assert.deepEqual(destination('f12'), { frame: 12 });
});

test('anythingElse_isNamedAsWrong', () => {
  for (const text of ['', 'soon', '-1', '0x', '0x1ffffffffffffffff', 'frame', 'frame x', '1.5', '#0x10']) assert.ok('wrong' in destination(text), text);
  assert.match(destination('soon').wrong, /“soon”/);
});
