/**
 * Goes through every step of recordings, `node check-stories.js file...`, for the tests: each is asked about fairly before
 * it, and shown in the privilege of who acts. Prints how many steps there were.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { privilegeIn } from '../../../frontend-assets/js/privilege.js';
import { questionAbout, questionsBefore } from '../../../frontend-assets/js/questions.js';
import { assertFair } from './fair.js';
import { storiesOf } from './stories.js';

/** Where the program goes on, and where the kernel takes over. */
const TURNS = { TRAPS: 'S', RETRIES: 'U', RESUMES: 'U' };

let steps = 0;
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
    }
    story.stand(story.last, 'operation');
    assert.equal(privilege(), 'U', `${about}: afterwards`);
  }
}
console.log(steps);
