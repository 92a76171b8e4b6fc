import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Laboratory } from '../../../frontend-assets/js/laboratory.js';
import { entryFlags, hex, protection, write } from '../../../frontend-assets/js/schema.js';
import { decode } from '../../../frontend-assets/js/wire.js';
import { copyOnWrite, schema, snapshot } from './fixture.js';

test('template_withFormats_isFilled', () => {
  const text = schema.fill('reads L{level}[{index}] at {pa:hex}: {value:flags} of {path:text}', ['level', 'index', 'pa', 'value', 'path'], [2, 7, 0x5038, 0xdf, 0], ['/lib']);
  assert.equal(text, 'reads L2[7] at 0x5038: VRWXU-AD of /lib');
});

test('place_withWords_takesThoseOfItsNumber', () => {
  const told = (/** @type {any} */ length) => schema.fill('read {length|byte|bytes} at {at:hex}', ['length', 'at'], [length, 16], []);
  assert.deepEqual([1, 1n, 0, 2].map(told), ['read 1 byte at 0x10', 'read 1 byte at 0x10', 'read 0 bytes at 0x10', 'read 2 bytes at 0x10']);
});

test('place_thatIsNamedTwice_takesTheSameValue', () => {
  assert.equal(schema.fill('{cause:cause} (scause {cause})', ['cause'], [1], []), 'store page fault (scause 1)');
});

test('hex_ofANegativeNumber_isItsBits', () => {
  assert.equal(hex(-1), '0xffffffffffffffff');
  assert.equal(hex(0x3f00012abcn), '0x3f00012abc');
  assert.equal(hex(-(2n ** 63n) + 5n), '0x8000000000000005');
});

test('shapes_areWrittenAsTheServerWritesThem', () => {
  assert.equal(write(0o644, { shape: 'OCTAL' }, []), '0644');
  assert.equal(write(1, { shape: 'BOOLEAN' }, []), 'true');
  assert.equal(write(9, { shape: 'SYMBOL', symbols: ['a'] }, []), '9');
  assert.equal(protection(5), 'r-x');
  assert.equal(entryFlags(-1n), 'VRWXUGAD');
});

test('story_inOneSentence_joinsBeginningAndHeadlines', () => {
  const lab = new Laboratory(schema, { frames: 16 });
  lab.snapshot(decode(snapshot(40), schema));
  lab.records(decode(copyOnWrite(41), schema));
  assert.equal(lab.story.sentence, 'P7 wrote to /données: frame 0x5 copied to 0x9');
  assert.equal(lab.story.text(lab.story.steps[0]), 'traps: store page fault, stval 0x3f00012abc');
  assert.equal(lab.story.fault, 'minor');
});
