/**
 * Goes through every step of recordings, `node check-stories.js file...`, for the tests: each is asked about fairly before
 * it, and shown in the privilege of who acts. Kinds of steps that they do not have are made up. Prints how many steps there
 * were, and how many kinds.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { History } from '../../../frontend-assets/js/history.js';
import { privilegeIn } from '../../../frontend-assets/js/privilege.js';
import { questionAbout, questionsBefore } from '../../../frontend-assets/js/questions.js';
import { State } from '../../../frontend-assets/js/state.js';
import { Story } from '../../../frontend-assets/js/story.js';
import { batchOf } from '../../../frontend-assets/js/wire-writer.js';
import { assertFair } from './fair.js';
import { storiesOf } from './stories.js';

/** Where the program goes on, and where the kernel takes over. */
const TURNS = { TRAPS: 'S', RETRIES: 'U', RESUMES: 'U' };

/** A step of a kind, with another one after it, as a story of its own. */
function madeUp(schema, kind) {
  const state = new State(schema);
  state.strings = ['', '/data/letters'];
  const step = (ordinal) => ({ type: 'STEP', ordinal, values: schema.steps[ordinal].arguments.map(() => 1) });
  const operation = { type: 'OPERATION', ordinal: schema.operations.findIndex(({ name }) => name === 'READ'), values: [1, 0x1000, 8] };
  const records = [operation, step(kind), step(schema.steps.findIndex(({ name }) => name === 'RETRIES'))];
  records.forEach((record, i) => (record.sequence = i + 1));
  const history = new History(schema, 0);
  history.append(batchOf(records));
  const story = new Story(state, history, operation);
  story.hear(records.length);
  story.stand(1, 'step');
  return story;
}

let steps = 0;
let schema;
for (const file of process.argv.slice(2)) {
  for await (const { story, player } of storiesOf(readFileSync(file))) {
    const about = `${file}: ${story.sentence}`;
    for (const question of questionsBefore(story, player.state)) assertFair(question, about);
    const privilege = () => {
      const harts = player.state.rows('hart');
      const row = harts.find(({ pid }) => pid === story.operationArgument('pid')) ?? harts[0];
      return privilegeIn(story, story.schema.symbol('privilege', row.privilege));
    };
    for (const step of story.steps) {
      const told = `${about}: ${step.actor} ${story.text(step)}`;
      assertFair(questionAbout(story, player.state), told);
      await player.seek(step.last);
      story.stand(step.last, 'step');
      const expected = TURNS[step.kind?.name] ?? { CPU: 'U', MMU: 'U' }[step.actor] ?? 'S';
      assert.equal(privilege(), expected, told);
      steps++;
      schema ??= story.schema;
    }
    story.stand(story.last, 'operation');
    assert.equal(privilege(), 'U', `${about}: afterwards`);
  }
}
for (const [kind, { name }] of schema.steps.entries()) {
  const story = madeUp(schema, kind);
  assertFair(questionAbout(story, story.state), name);
}
console.log(`${steps} ${schema.steps.length}`);
