import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { rangeSource } from '../../../frontend-assets/js/recording-bytes.js';
import { Recording } from '../../../frontend-assets/js/recording.js';

const golden = readFileSync(new URL('../resources/recordings/golden.faultline', import.meta.url));
const long = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
const asked = [];
let version = '"1"';
let changesNext = false;

const server = createServer(({ url, headers }, response) => {
  const bytes = url === '/golden' ? golden : long;
  const [, first, last] = /^bytes=(\d*)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const [from, to] = first === '' ? [Math.max(0, bytes.length - Number(last)), bytes.length - 1] : [first, last];
  asked.push(headers.range);
  if (changesNext) version = `"${asked.length}"`;
  const isSame = !headers['if-range'] || headers['if-range'] === version;
  if (from === undefined || url === '/whole' || !isSame) return response.writeHead(200).end(bytes);
  const end = Math.min(bytes.length - 1, Number(to));
  return response.writeHead(206, { ETag: version, 'Content-Range': `bytes ${from}-${end}/${bytes.length}` }).end(bytes.subarray(Number(from), end + 1));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
after(() => server.close());
const address = `http://127.0.0.1:${server.address().port}`;

test('recording_isOpenedWithARequestForEitherEnd', async () => {
  asked.length = 0;
  const recording = await Recording.open(await rangeSource(`${address}/golden`));
  assert.ok(recording.isWhole);
  assert.deepEqual(asked, ['bytes=0-65535', 'bytes=-65536']);
});

test('anyRange_isWhatTheFileHasThere', async () => {
  const source = await rangeSource(`${address}/long`);
  assert.equal(source.size, long.length);
  const seed = 5;
  let random = seed;
  const next = (n) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  const ranges = Array.from({ length: 60 }, () => [next(long.length), next(90_000)]);
  for (const [offset, length] of [...ranges, [0, 0], [long.length, 5], [long.length - 5, 50], [65_535, 2], [long.length - 65_537, 2]]) {
    assert.deepEqual(Buffer.from(await source.read(offset, length)), long.subarray(offset, offset + length), `seed ${seed}, ${length} at ${offset}`);
  }
});

test('fileThatChangedMeanwhile_isRefused', async () => {
  const source = await rangeSource(`${address}/long`);
  version = '"2"';
  await assert.rejects(source.read(100_000, 5), /has changed/);
});

test('fileThatChangedBetweenItsEnds_isRefused', async () => {
  changesNext = true;
  await assert.rejects(rangeSource(`${address}/long`), /has changed/);
});

test('serverWithoutRanges_isRefused', async () => {
  await assert.rejects(rangeSource(`${address}/whole`), /does not answer ranges \(200\)/);
});
