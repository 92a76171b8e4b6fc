import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PaceOfBoth } from '../../../frontend-assets/js/pace-of-both.js';

/** A laboratory that has been given commands with so many steps each, as far as its pace is concerned. */
function lab(...steps) {
  const laboratory = {
    history: { operations: steps.map((_, i) => i) },
    command: steps.length - 1,
    position: steps.at(-1),
    get story() {
      return { steps: { length: steps[this.command] } };
    },
    seek(operation) {
      this.command = operation;
    },
    moveTo(position) {
      this.position = Math.min(position, steps[this.command]);
    },
    goLive() {
      this.command = steps.length - 1;
      this.position = steps.at(-1);
    },
  };
  return laboratory;
}

const where = (...labs) => labs.map(({ command, position }) => `${command}.${position}`).join(' ');

test('shorterSide_waitsAtItsEnd_whileTheOtherGoesOn', () => {
  const [left, right] = [lab(1, 2), lab(1, 4)];
  const pace = new PaceOfBoth([left, right]);
  const seen = [];
  for (let i = 0; i < 5; i++) {
    pace.step('back');
    seen.push(where(left, right));
  }
  assert.deepEqual(seen, ['1.2 1.3', '1.2 1.2', '1.1 1.1', '1.0 1.0', '0.1 0.1']);
});

test('pastTheLastStep_bothFollowAgain', () => {
  const [left, right] = [lab(1, 2), lab(1, 4)];
  const pace = new PaceOfBoth([left, right]);
  pace.step('first');
  assert.equal(where(left, right), '1.0 1.0');
  pace.step('first');
  pace.step('last');
  assert.equal(where(left, right), '0.1 0.1');
  pace.step('next');
  assert.equal(where(left, right), '1.0 1.0');
  pace.step('last');
  assert.equal(pace.place, null);
  pace.step('next');
  assert.equal(where(left, right), '1.2 1.4');
});

test('beforeTheFirstCommand_thereIsNothing', () => {
  const [left, right] = [lab(1), lab(1)];
  const pace = new PaceOfBoth([left, right]);
  for (let i = 0; i < 5; i++) pace.step('back');
  assert.deepEqual(pace.place, { command: 0, step: 0 });
  new PaceOfBoth([lab(), lab()]).step('back');
});
