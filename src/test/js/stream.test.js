import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stream } from '../../../frontend-assets/js/stream.js';
import { copyOnWrite, schema, snapshot } from './fixture.js';

/** Stands in for the browser's WebSocket and remembers each one that was made. */
class FakeSocket {
  static made = [];

  constructor(url, protocol) {
    this.url = new URL(url);
    this.protocol = protocol;
    FakeSocket.made.push(this);
  }
}

function open(t) {
  FakeSocket.made = [];
  t.mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.WebSocket = FakeSocket;
  globalThis.location = { href: 'http://127.0.0.1:8080/labs/abc' };
  const heard = [];
  const stream = new Stream('abc', schema, {
    snapshot: (message) => heard.push(`snapshot ${message.sequence}`),
    records: (batch) => heard.push(`records ${batch.first} to ${batch.records.at(-1).sequence}`),
    condition: (condition) => heard.push(condition),
  });
  stream.open();
  return { heard, socket: () => FakeSocket.made.at(-1) };
}

test('stream_cutOff_resumesAfterTheLastRecord', (t) => {
  const { heard, socket } = open(t);
  assert.equal(socket().url.href, 'ws://127.0.0.1:8080/api/v1/labs/abc/stream');
  assert.equal(socket().protocol, 'faultline.v1');
  socket().onopen();
  socket().onmessage({ data: snapshot(40) });
  socket().onmessage({ data: copyOnWrite(41) });
  socket().onclose();
  t.mock.timers.tick(250);
  assert.equal(FakeSocket.made.length, 2);
  assert.equal(socket().url.searchParams.get('after'), '48');
  assert.deepEqual(heard, ['connecting', 'live', 'snapshot 40', 'records 41 to 48', 'waiting', 'connecting']);
});

test('records_seenBefore_areLeftOut', (t) => {
  const { heard, socket } = open(t);
  socket().onopen();
  socket().onmessage({ data: snapshot(44) });
  socket().onmessage({ data: copyOnWrite(41) });
  socket().onmessage({ data: copyOnWrite(41) });
  assert.deepEqual(heard.slice(2), ['snapshot 44', 'records 45 to 48']);
});

test('stream_thatEnded_isNotOpenedAgain', (t) => {
  const { heard, socket } = open(t);
  socket().onopen();
  socket().onmessage({ data: Uint8Array.from([3, 3, 0x62, 0x79, 0x65, 0, 9]) });
  socket().onclose();
  t.mock.timers.tick(60_000);
  assert.equal(FakeSocket.made.length, 1);
  assert.equal(heard.at(-1), 'ended');
});

test('stream_thatTheServerStops_isResumed', (t) => {
  const { heard, socket } = open(t);
  socket().onopen();
  socket().onmessage({ data: snapshot(40) });
  socket().onmessage({ data: Uint8Array.from([3, 0, 1, 40]) });
  socket().onclose();
  t.mock.timers.tick(250);
  assert.equal(socket().url.searchParams.get('after'), '40');
  assert.ok(!heard.includes('ended'));
});
