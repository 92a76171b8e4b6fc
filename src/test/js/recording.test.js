import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { blobSource, bufferSource, crc32c, inflate, view } from '../../../frontend-assets/js/recording-bytes.js';
import { Player, Recording } from '../../../frontend-assets/js/recording.js';

const FILES = new URL('../resources/recordings/', import.meta.url);
const golden = new Uint8Array(readFileSync(new URL('golden.faultline', FILES)));

const seed = Number(process.env.FAULTLINE_SEED ?? Date.now() % 2 ** 31);
let random = seed;
const next = (n) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % n;

async function player(bytes, moment) {
  const player = new Player(await Recording.open(bufferSource(bytes)));
  await player.seek(moment);
  return player;
}

test('crc32c_hasTheKnownValue', () => {
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
});

for (const name of ['golden', 'few-keyframes']) {
  test(`${name}_hasTheHashesThatJavaHas`, async () => {
    const bytes = readFileSync(new URL(`${name}.faultline`, FILES));
    const lines = readFileSync(new URL(`${name}.txt`, FILES), 'utf8').trim().split('\n');
    const recording = await Recording.open(blobSource(new Blob([bytes])));
    assert.equal(recording.isWhole, true);
    const wanderer = new Player(recording);
    for (const line of lines.toSorted(() => next(3) - 1)) {
      const [moment, hash] = line.split(' ');
      await wanderer.seek(Number(moment));
      assert.equal(wanderer.hash(), hash, `moment ${moment}`);
      assert.equal((await player(bytes, Number(moment))).hash(), hash, `moment ${moment} alone`);
    }
  });
}

test('segmentBorders_lookTheSameFromBothSides', async () => {
  const recording = await Recording.open(bufferSource(golden));
  const wanderer = await player(golden, 0);
  for (const { first, count } of recording.segments) {
    for (const moment of [first - 1, first, first + 1, first + count - 2, first + count - 1]) {
      await wanderer.seek(moment);
      assert.equal(wanderer.hash(), (await player(golden, moment)).hash(), `moment ${moment}`);
    }
  }
});

test('steps_forwardAndBack_leaveTheStateAsItWas', async () => {
  const walker = await player(golden, 500);
  const hash = walker.hash();
  await walker.step(40);
  assert.notEqual(walker.hash(), hash);
  assert.equal(walker.current.sequence, 540);
  await walker.step(-40);
  assert.equal(walker.hash(), hash);
  await walker.step(-10_000_000);
  assert.equal(walker.sequence, walker.recording.firstMoment);
});

test('faults_areFoundInBothDirections', async () => {
  const walker = await player(golden, 0);
  const found = [];
  while (await walker.seekMark('fault', 1)) found.push(walker.sequence);
  assert.ok(found.length > 10);
  const back = [];
  await walker.seek(walker.recording.lastMoment);
  while (await walker.seekMark('fault', -1)) back.push(walker.sequence);
  assert.deepEqual(back.reverse(), found);
  await walker.seek(0);
  assert.equal(await walker.seekMark('story', 1), true);
  assert.equal(walker.sequence, 1);
});

test('middle_isOpenedByRangesAlone', async () => {
  let read = 0;
  const source = bufferSource(golden);
  const counting = { size: source.size, read: (offset, length) => ((read += length), source.read(offset, length)) };
  const recording = await Recording.open(counting);
  const openedWith = read;
  await new Player(recording).seek(recording.firstMoment);
  assert.ok(openedWith < golden.length / 2, `${openedWith} bytes to open`);
});

/** Opens and plays what may be anything; only a RangeError, with words, may come of it. */
async function play(bytes, what) {
  try {
    const recording = await Recording.open(bufferSource(bytes));
    await player(bytes, recording.lastMoment);
    await player(bytes, recording.firstMoment);
  } catch (error) {
    assert.ok(error instanceof RangeError, `${what} of seed ${seed}: ${error.stack}`);
    assert.notEqual(error.message, '');
    return error.message;
  }
  return '';
}

test('recordingCutOff_playsToItsLastWholeSegment', async () => {
  const { segments } = await Recording.open(bufferSource(golden));
  for (let round = 0; round < 30; round++) {
    const length = next(golden.length);
    const message = await play(golden.subarray(0, length), `${length} bytes`);
    assert.equal(message === '', length >= segments[0].end, `${length} bytes: ${message}`);
  }
});

test('damage_isNoticedOrHarmless', async () => {
  const { segments } = await Recording.open(bufferSource(golden));
  for (let round = 0; round < 60; round++) {
    const bytes = golden.slice(0, segments.at(-1).end);
    const { offset, end } = segments[next(segments.length)];
    const places = [offset + 16 + next(30), next(bytes.length)];
    for (const at of places) bytes[at] = next(2) ? 0xff : next(256);
    if (next(4) > 0) view(bytes).setUint32(offset + 4, crc32c(bytes.subarray(offset + 8, end)), true);
    await play(bytes, `round ${round}`);
  }
});

test('damageInsideOfTheDeflatedPart_isNoticedOrHarmless', async () => {
  const { segments } = await Recording.open(bufferSource(golden));
  const { offset, end } = segments[0];
  const payload = golden.subarray(offset + 16, end);
  const zlib = payload.findIndex((byte, i) => byte === 0x78 && i > 12 && payload[i + 1] === 0x9c);
  const body = inflateSync(payload.subarray(zlib));
  for (let round = 0; round < 60; round++) {
    const damaged = Uint8Array.from(body);
    for (let places = 1 + next(4); places > 0; places--) damaged[next(next(2) ? 60 : body.length)] = next(2) ? 0xff : next(256);
    const deflated = deflateSync(damaged);
    const entry = new Uint8Array(16 + zlib + deflated.length);
    entry.set(golden.subarray(offset, offset + 16 + zlib));
    entry.set(deflated, 16 + zlib);
    view(entry).setUint32(0, zlib + deflated.length, true);
    view(entry).setUint32(4, crc32c(entry.subarray(8)), true);
    await play(Uint8Array.from([...golden.subarray(0, offset), ...entry]), `round ${round}`);
  }
});

test('decompressionBomb_isStoppedAtItsClaim', async () => {
  const bomb = deflateSync(new Uint8Array(50_000_000));
  await assert.rejects(inflate(bomb, 1000), /claims/);
  await assert.rejects(inflate(bomb.subarray(0, 500), 50_000_000), RangeError);
});

test('futureVersion_isNamed', async () => {
  const bytes = golden.slice();
  bytes[7] = 2;
  assert.match(await play(bytes, 'a future version'), /format 2.*reads format 1/);
  assert.match(await play(new Uint8Array(4), 'nothing'), /no recording/);
});
