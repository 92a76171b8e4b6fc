import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Span } from '../../../frontend-assets/js/span.js';

/** A span over a log of so many records. */
function over(head) {
  const span = new Span();
  span.reach(0, head);
  return span;
}

test('wholeLog_growsWithTheLog', () => {
  const span = over(1000);
  span.reach(0, 1200);
  assert.deepEqual([span.from, span.to, span.isWhole], [0, 1200, true]);
});

test('zooming_leavesItsMomentWhereItIs', () => {
  const span = over(1000);
  span.zoom(0.5, 400);
  assert.deepEqual([span.from, span.to], [200, 700]);
  assert.equal(span.share(400), 0.4);
  span.zoom(2, 400);
  assert.ok(span.isWhole);
});

test('zoomedToTheEnd_goesAlongWithWhatComes_elsewhereStays', () => {
  const atEnd = over(1000);
  atEnd.zoom(0.1, 1000);
  atEnd.reach(0, 1500);
  assert.deepEqual([atEnd.from, atEnd.to], [1400, 1500]);
  const before = over(1000);
  before.zoom(0.1, 0);
  before.reach(0, 1500);
  assert.deepEqual([before.from, before.to], [0, 100]);
});

test('panning_stopsAtBothEnds', () => {
  const span = over(1000);
  span.zoom(0.1, 500);
  span.pan(-100);
  assert.deepEqual([span.from, span.to], [0, 100]);
  span.pan(100);
  assert.deepEqual([span.from, span.to], [900, 1000]);
});

test('momentOutside_isBroughtToTheMiddle', () => {
  const span = over(1000);
  span.zoom(0.1, 0);
  span.contain(50);
  assert.equal(span.from, 0);
  span.contain(600);
  assert.deepEqual([span.from, span.to], [550, 650]);
});

test('shortLog_isNotZoomedBelowWhatItHas', () => {
  const span = over(10);
  span.zoom(0.5, 5);
  assert.deepEqual([span.from, span.to, span.isWhole], [0, 10, true]);
  assert.equal(over(0).share(0), 0);
});
