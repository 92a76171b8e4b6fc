import assert from 'node:assert/strict';

/** A question that can be asked: its answer stands among others, each of them once. */
export function assertFair(question, about) {
  assert.ok(question.ask.length > 5 && !/undefined|NaN|\{/.test(question.ask), `${about}: ${question.ask}`);
  assert.ok(question.options.length >= 2 && question.options.length <= 4, `${about}: ${question.options}`);
  assert.equal(new Set(question.options).size, question.options.length, about);
  for (const option of question.options) assert.ok(option && !/undefined|NaN/.test(option), `${about}: ${question.options}`);
  assert.ok(question.right >= 0 && question.right < question.options.length, about);
}
