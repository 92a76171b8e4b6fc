import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bufferSource } from '../../../frontend-assets/js/recording-bytes.js';
import { replay } from '../../../frontend-assets/js/recorded.js';
import { stateHash } from '../../../frontend-assets/js/state-hash.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { schema } from './fixture.js';

const FILES = new URL('../resources/recordings/', import.meta.url);
const golden = new Uint8Array(readFileSync(new URL('golden.faultline', FILES)));
const expected = readFileSync(new URL('golden.txt', FILES), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

test('records_written_areReadAsTheyWere', () => {
  const records = [
    { type: 'STRING', sequence: 7, number: 300, text: '/data/é' },
    { type: 'OPERATION', sequence: 8, ordinal: 0, values: [1, 300] },
    { type: 'STEP', sequence: 9, ordinal: 1, values: [-1, 2 ** 52 + 1] },
    { type: 'INSERT', sequence: 10, ordinal: 1, key: 0, values: [0, -(2n ** 63n)] },
    { type: 'UPDATE', sequence: 11, ordinal: 0, key: 2n ** 62n, columns: [0, 2], before: [0, 127], after: [128, -64] },
    { type: 'DELETE', sequence: 12, ordinal: 0, key: -5, values: [1, 2, Number.MAX_SAFE_INTEGER] },
    { type: 'OUTCOME', sequence: 13, ordinal: 0, values: [0, 0, 0, 0, 2n ** 63n - 1n] },
  ];
  const batch = batchOf(records);
  assert.deepEqual(decode(batch.bytes, schema), { kind: 'records', first: 7, records, bytes: batch.bytes });
});

test('replay_standsAtAnyMomentAsTheRecordingSays', async () => {
  const laboratory = await replay(bufferSource(golden));
  await new Promise((whole) => {
    laboratory.addEventListener('change', () => laboratory.history.head > 0 && laboratory.history.start === 0 && whole());
  });
  assert.equal(laboratory.mode, 'replay');
  assert.equal(laboratory.history.head, Number(expected.at(-1)[0]));
  for (const [moment, hash] of [...expected, ...expected.toReversed()]) {
    laboratory.seek(Number(moment), 'step');
    assert.equal(stateHash(laboratory.state), hash, `moment ${moment}`);
  }
});
