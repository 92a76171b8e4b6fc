import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../../frontend-assets/js/wire.js';
import { copyOnWrite, SATP, schema, snapshot, TYPE, Writer } from './fixture.js';

const VALUES = [
  0n, 1n, -1n, 63n, 64n, -64n, -65n, 8191n, 2n ** 27n, 2n ** 31n, -(2n ** 31n), 2n ** 48n - 1n, 2n ** 48n, -(2n ** 48n),
  2n ** 52n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), 2n ** 56n, 2n ** 63n - 1n, -(2n ** 63n), SATP,
];

test('values_ofUpTo64Bits_comeBackAsTheyWere', () => {
  for (const value of VALUES) {
    const writer = new Writer(2).varint(1).varint(1);
    writer.row(TYPE.INSERT, 1, 0, 0, value);
    const [record] = decode(writer.message(), schema).records;
    assert.equal(BigInt(record.values[1]), value);
    const exact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    assert.equal(typeof record.values[1], exact ? 'number' : 'bigint', `${value}`);
  }
});

test('snapshot_ofTwoTables_hasStringsAndRows', () => {
  const message = decode(snapshot(40), schema);
  assert.equal(message.kind, 'snapshot');
  assert.equal(message.sequence, 40);
  assert.deepEqual(message.strings, ['zero']);
  assert.deepEqual(message.tables[0], [{ key: 5, values: [5, 2, 3] }, { key: 6, values: [6, 4, 2] }]);
  assert.equal(message.tables[1][0].values[1], SATP);
});

test('snapshot_afterAGap_namesTheMomentBeforeIt', () => {
  const message = decode(Uint8Array.from([4, 30, ...snapshot(40).subarray(1)]), schema);
  assert.equal(message.kind, 'snapshot');
  assert.equal(message.skippedAfter, 30);
  assert.equal(message.sequence, 40);
});

test('records_ofEveryType_areNumberedInTurn', () => {
  const { first, records } = decode(copyOnWrite(41), schema);
  assert.equal(first, 41);
  assert.deepEqual(records.map((record) => record.sequence), [41, 42, 43, 44, 45, 46, 47, 48]);
  assert.deepEqual(records.map((record) => record.type), ['STRING', 'OPERATION', 'STEP', 'STEP', 'UPDATE', 'INSERT', 'DELETE', 'OUTCOME']);
  assert.equal(records[0].text, '/données');
  assert.deepEqual(records[2].values, [1, 0x3f00012abc]);
  assert.deepEqual(records[4], { type: 'UPDATE', sequence: 45, ordinal: 0, key: 5, columns: [1], before: [2], after: [1] });
});

test('end_withReason_isRead', () => {
  const reason = new TextEncoder().encode('it was ended');
  const message = Uint8Array.from([3, reason.length, ...reason, 0, 7]);
  assert.deepEqual(decode(message, schema), { kind: 'end', reason: 'it was ended', canResume: false, at: 7 });
});

test('message_cutOff_isRefused', () => {
  const whole = copyOnWrite(1);
  for (let length = 1; length < whole.length; length++) {
    assert.throws(() => decode(whole.subarray(0, length), schema), RangeError);
  }
});

test('message_ofUnknownKind_isRefused', () => {
  assert.throws(() => decode(Uint8Array.from([9]), schema), RangeError);
});
