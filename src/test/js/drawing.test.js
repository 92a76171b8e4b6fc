import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

/** Frames come when they are asked for; a frame is laid out after what it runs. */
const frames = [];
let laidOut = () => {};
let clock = 1000;
Object.assign(globalThis, {
  document: { documentElement: {} },
  matchMedia: () => ({ matches: false, addEventListener: () => {} }),
  requestAnimationFrame: (act) => frames.push(act),
  ResizeObserver: class {
    constructor(told) {
      this.told = told;
    }
    observe() {
      laidOut = this.told;
    }
    unobserve() {}
  },
});
performance.now = () => clock;
const { Drawing } = await import('../../../frontend-assets/js/drawing.js');

const drawn = [];
/** A panel takes a millisecond. */
const panel = (name) => () => {
  drawn.push(name);
  clock += 1;
};
const PANELS = [...'abcdef'];
let drawing;
let isReady;
beforeEach(() => {
  frames.length = 0;
  drawn.length = 0;
  clock += 10_000;
  isReady = true;
  drawing = new Drawing(() => isReady && drawn.push('(') > 0, PANELS.map(panel), () => drawn.push(')'));
});

/** Runs the next frame, if one was asked for, and tells what it drew. */
function frame() {
  clock += 16;
  drawn.length = 0;
  laidOut = () => {};
  frames.shift()?.(clock);
  laidOut([]);
  return drawn.join('');
}

test('whatAPersonDid_isDrawnWholeInOneFrame', () => {
  drawing.now();
  drawing.now();
  assert.equal(frames.length, 1);
  assert.equal(frame(), '(abcdef)');
  assert.equal(frames.length, 0);
});

test('whatIsNotReady_waitsUntilSomebodyAsksAgain_andIsDrawnWholeThen', () => {
  isReady = false;
  drawing.now();
  assert.equal(frame(), '');
  assert.equal(frames.length, 0);
  isReady = true;
  drawing.soon();
  assert.equal(frame(), '(abcdef)');
});

test('whatComesAfterASilence_isDrawnWhole', () => {
  drawing.soon();
  assert.equal(frame(), '(abcdef)');
  clock += 1000;
  drawing.soon();
  assert.equal(frame(), '(abcdef)');
});

test('whatComesAgainAndAgain_isDrawnInTurnsWithoutEnd', () => {
  drawing.soon();
  frame();
  const told = [];
  for (let i = 0; i < 6; i++) {
    drawing.soon();
    told.push(frame());
  }
  assert.deepEqual(told, ['(ab', '(cd', '(ef)', '(ab', '(cd', '(ef)']);
});

test('whatCameLast_isDrawnInEveryPanel', () => {
  drawing.soon();
  frame();
  drawing.soon();
  frame();
  drawing.soon();
  assert.deepEqual([frame(), frame(), frame(), frame()], ['(cd', '(ef)', '(ab', '']);
});

test('personWhoActsMeanwhile_seesAllInTheNextFrame', () => {
  drawing.soon();
  frame();
  drawing.soon();
  assert.equal(frame(), '(ab');
  drawing.now();
  assert.equal(frame(), '(abcdef)');
});

test('wholeDrawingThatTakesLong_goesOnInTheNextFrames_whateverComes', () => {
  drawing.soon();
  frame();
  drawing.panels = PANELS.map((name) => () => {
    drawn.push(name);
    clock += 8;
  });
  drawing.now();
  assert.equal(frame(), '(ab');
  drawing.soon();
  assert.deepEqual([frame(), frame()], ['(cd', '(ef)']);
  drawing.now();
  assert.equal(frame(), '(ab');
  drawing.now();
  assert.deepEqual([frame(), frame(), frame(), frames.length], ['(ab', '(cd', '(ef)', 0]);
});

test('drawingThatTookLong_restsAsLong', () => {
  drawing.soon();
  frame();
  drawing.panels = [() => (clock += 40)];
  drawing.turn = 0;
  drawing.soon();
  frame();
  drawing.soon();
  const begun = clock;
  while (frame() === '') assert.ok(clock - begun < 100);
  assert.ok(clock - begun >= 40);
});
