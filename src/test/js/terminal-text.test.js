import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transcript, harmless } from '../../../frontend-assets/js/terminal-text.js';

const told = ({ pieces }) => pieces.map(({ stream, text }) => `${stream}:${text}`);

test('controlCharacters_becomeSigns', () => {
  assert.equal(harmless('\x1b[31mred\x07\x7f\tnext\r\nline\n'), '␛[31mred␇␡\tnext\nline\n');
});

test('streams_areToldInTheOrderInWhichTheyCame', () => {
  const transcript = new Transcript();
  transcript.hear('out', 'one ');
  transcript.hear('err', 'bad ');
  transcript.typed('line\n');
  transcript.hear('out', 'one two');
  assert.deepEqual(told(transcript), ['out:one ', 'err:bad ', 'in:line\n', 'out:two']);
});

test('streamWhoseBeginningIsGone_isToldOnce', () => {
  const transcript = new Transcript();
  const long = Array.from({ length: 500 }, (_, i) => `${i}\n`).join('');
  transcript.hear('out', long);
  transcript.hear('out', `${long.slice(100)}end`);
  assert.equal(transcript.pieces[0].text, `${long}end`);
});

test('longOutput_keepsItsEnd', () => {
  const transcript = new Transcript();
  transcript.hear('err', 'first');
  transcript.hear('out', `${'x'.repeat(100_000)}end`);
  assert.equal(transcript.pieces.length, 1);
  assert.equal(transcript.pieces[0].text.length, 65_536);
  assert.ok(transcript.pieces[0].text.endsWith('end'));
  assert.ok(transcript.cut);
});
