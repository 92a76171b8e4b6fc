import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, Notes } from '../../../frontend-assets/js/notes.js';

/** What a browser keeps. */
function store() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

test('notes_areKeptByPage_oneAMoment', () => {
  const kept = store();
  const notes = new Notes('lab', kept);
  notes.put(70, 'later');
  notes.put(40, 'first try');
  notes.put(40, ' W fails here ');
  assert.deepEqual(new Notes('lab', kept).all, [{ at: 40, text: 'W fails here' }, { at: 70, text: 'later' }]);
  assert.deepEqual(new Notes('other', kept).all, []);
  notes.remove(40);
  assert.equal(new Notes('lab', kept).of(40), null);
});

test('notesAsText_comeBackTheSame_andLinesThatAreNoneAreLeftOut', () => {
  const notes = new Notes('lab', store());
  notes.put(3, '');
  notes.put(40, 'W #fails: 1 -> 2');
  const others = new Notes('other', store());
  others.put(3, 'mine');
  assert.equal(others.bring(`${notes.text}\nno note\n#-1 neither\r\n#50 from elsewhere\r\n`), 3);
  assert.deepEqual(others.all, [{ at: 3, text: '' }, { at: 40, text: 'W #fails: 1 -> 2' }, { at: 50, text: 'from elsewhere' }]);
});

test('storeThatRefuses_leavesNotesOfThisPageAlone', () => {
  const refusing = { getItem: () => { throw new Error('no'); }, setItem: () => { throw new Error('full'); } };
  const notes = new Notes('lab', refusing);
  notes.put(1, 'kept here');
  assert.equal(notes.of(1).text, 'kept here');
});

test('notes_areBounded', () => {
  const notes = new Notes('lab', store());
  notes.bring(Array.from({ length: 5000 }, (_, i) => `#${i} ${'x'.repeat(900)}`).join('\n'));
  assert.equal(notes.all.length, 1000);
  assert.equal(notes.all[0].text.length, 500);
});

test('nearestMoment_inADirection', () => {
  assert.equal(nearest([70, 40, 10], 40, 1), 70);
  assert.equal(nearest([70, 40, 10], 40, -1), 10);
  assert.equal(nearest([70, 40, 10], 70, 1), null);
  assert.equal(nearest([], 5, -1), null);
});
