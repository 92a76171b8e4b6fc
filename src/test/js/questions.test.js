import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { questionAbout, questionsBefore } from '../../../frontend-assets/js/questions.js';
import { entryFlags } from '../../../frontend-assets/js/schema.js';
import { assertFair } from './fair.js';
import { storiesOf } from './stories.js';

const stories = () => storiesOf(readFileSync(new URL('../resources/recordings/golden.faultline', import.meta.url)));

test('everyStepOfEveryStory_hasAFairQuestion_theSameEachTime', async () => {
  const kinds = new Set();
  const places = new Set();
  for await (const { story, player } of stories()) {
    while (story.position < story.steps.length) {
      const step = story.steps[story.position];
      const question = questionAbout(story, player.state);
      assertFair(question, story.text(step));
      assert.deepEqual(questionAbout(story, player.state), question);
      kinds.add(step.kind?.name);
      places.add(question.right);
      await player.seek(step.last);
      story.stand(step.last, 'step');
    }
    if (story.atEnd) assert.equal(questionAbout(story, player.state), null);
  }
  assert.ok(kinds.size > 40, [...kinds].join());
  assert.deepEqual([...places].toSorted(), [0, 1, 2, 3]);
});

test('framesThatAnOperationTakes_areWhatTheTablesSayAfterwards', async () => {
  let asked = 0;
  for await (const { story, player } of stories()) {
    const questions = questionsBefore(story, player.state);
    assert.deepEqual(questionsBefore(story, player.state), questions);
    for (const question of questions) assertFair(question, story.sentence);
    const before = player.state.table('frame').size;
    const of = (word) => questions.find(({ key }) => key.endsWith(word));
    const [frames, refs] = [of('frames'), of('refs')];
    await player.seek(story.last);
    if (frames) {
      const more = player.state.table('frame').size - before;
      const asks = frames.ask.includes('give back') ? -more : more;
      assert.equal(frames.options[frames.right], String(asks), story.sentence);
      asked++;
    }
    if (refs) {
      const ppn = Number(/Frame (0x\w+)/.exec(refs.ask)[1]);
      const row = player.state.table('frame').get(ppn);
      assert.equal(refs.options[refs.right], String(row?.refs ?? 0), story.sentence);
    }
  }
  assert.ok(asked > 20);
});

test('flagsOfAnEntry_areWhatTheTableSaysAfterTheStep', async () => {
  let asked = 0;
  for await (const { story, player } of stories()) {
    for (const [position, step] of story.steps.entries()) {
      if (step.kind?.name !== 'WRITES_ENTRY') continue;
      await player.seek(position ? story.steps[position - 1].last : story.operation.sequence);
      story.stand(player.sequence, 'step');
      if (story.position !== position) continue;
      const question = questionAbout(story, player.state);
      await player.seek(step.last);
      const entry = player.state.table('pte').get(story.argument(step, 'pa'));
      assert.equal(question.options[question.right], entryFlags(entry?.value ?? 0), story.text(step));
      asked++;
    }
  }
  assert.ok(asked > 20);
});

test('endOfAnOperation_isItsSignalOrItsErrnoOrHowItsFaultWasMended', async () => {
  const ends = new Set();
  for await (const { story, player } of stories()) {
    const [end] = questionsBefore(story, player.state);
    const answer = end.options[end.right];
    const { outcome } = story;
    if (outcome?.signal) assert.equal(answer, `${outcome.signal} ${outcome.code}`);
    else if (outcome?.errno) assert.equal(answer, `-1 ${outcome.errno}`);
    else assert.match(answer, story.steps.some(({ kind }) => kind?.name === 'TRAPS') ? /mended/ : /^it succeeds/);
    ends.add(answer);
  }
  assert.ok(ends.size > 3, [...ends].join());
});
