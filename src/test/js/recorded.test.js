import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bufferSource } from '../../../frontend-assets/js/recording-bytes.js';
import { Player, Recording } from '../../../frontend-assets/js/recording.js';
import { replay } from '../../../frontend-assets/js/recorded.js';
import { stateHash } from '../../../frontend-assets/js/state-hash.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { arrived, schema } from './fixture.js';

const FILES = new URL('../resources/recordings/', import.meta.url);
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

/** A recording on the page, all of it. @param {Uint8Array} bytes */
async function whole(bytes) {
  const laboratory = await replay(bufferSource(bytes));
  await new Promise((done) => {
    laboratory.addEventListener('change', () => laboratory.history.head > 0 && laboratory.history.start === 0 && done());
  });
  return laboratory;
}

for (const name of ['golden', 'few-keyframes']) {
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.faultline`, FILES)));
  const expected = readFileSync(new URL(`${name}.txt`, FILES), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

  test(`${name}_standsAtAnyMomentAsTheRecordingSays`, async () => {
    const laboratory = await whole(bytes);
    assert.equal(laboratory.mode, 'replay');
    assert.equal(laboratory.history.head, Number(expected.at(-1)[0]));
    const moments = [...expected, ...expected.toReversed()];
    for (const [moment, hash] of [...moments, ...moments.filter((_, i) => i % 7 === 3), expected[0], expected.at(-1)]) {
      laboratory.seek(Number(moment), 'step');
      await arrived(laboratory);
      assert.equal(stateHash(laboratory.state), hash, `moment ${moment}`);
    }
  });

  test(`${name}_namesEverythingWhereverOneHasBegun`, async () => {
    const laboratory = await whole(bytes);
    const player = new Player(await Recording.open(bufferSource(bytes)));
    for (const { first } of player.recording.segments) await player.seek(first);
    assert.deepEqual([...laboratory.state.strings], [...player.strings]);
  });
}

test('farMoment_isGoneToFromTheKeyframeBeforeIt', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('few-keyframes.faultline', FILES)));
  const laboratory = await whole(bytes);
  const { keyframes, head } = laboratory.history;
  assert.ok(keyframes.length > 3);
  let applied = 0;
  const { state } = laboratory;
  for (const move of ['apply', 'undo']) {
    const plain = state[move];
    state[move] = (record) => (applied++, plain.call(state, record));
  }
  for (const moment of [20, head, head >> 1]) {
    applied = 0;
    laboratory.seek(moment, 'step');
    await arrived(laboratory);
    assert.ok(applied <= 3 * 8192, `${applied} records to ${moment} of ${head}`);
  }
  applied = 0;
  laboratory.seek(laboratory.at - 1, 'change');
  assert.equal(applied, 1);
});
