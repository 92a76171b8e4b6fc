import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocks, pieces } from '../../../frontend-assets/js/markdown.js';

test('markdown_isParagraphsListsAndMarks', () => {
  assert.deepEqual(blocks('one\ntwo\n\n* a\n* b'), [
    { list: false, lines: ['one two'] },
    { list: true, lines: ['a', 'b'] },
  ]);
  assert.deepEqual(pieces('a **b** `c*d*` *e* 2 * 3'), [
    { kind: 'text', text: 'a ' },
    { kind: 'strong', text: 'b' },
    { kind: 'text', text: ' ' },
    { kind: 'code', text: 'c*d*' },
    { kind: 'text', text: ' ' },
    { kind: 'em', text: 'e' },
    { kind: 'text', text: ' 2 * 3' },
  ]);
  assert.deepEqual(pieces('<img src=x>'), [{ kind: 'text', text: '<img src=x>' }]);
});
