/**
 * In which privilege mode a step of a story happens. A hart's row says it of a program, whose traps and returns change it.
 * A command calls the kernel without an instruction that would trap: the row stays as it is, while the kernel, and the
 * disk for which it waits, act in S-mode all the same.
 *
 * @param {?import('./story.js').Story} story
 * @param {string} row what the hart's row says
 */
export function privilegeIn(story, row) {
  if (!story || story.fresh || !story.current) return row;
  return ['CPU', 'MMU'].includes(story.current.actor) ? row : 'S';
}
