import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, curlOf, typeOf } from '../../../frontend-assets/js/api-words.js';

const put = {
  method: 'PUT',
  path: '/labs/{lab}/files/{path}',
  parameters: [
    { name: 'lab', in: /** @type {const} */ ('path') },
    { name: 'path', in: /** @type {const} */ ('path') },
    { name: 'mode', in: /** @type {const} */ ('query') },
    { name: 'If-Match', in: /** @type {const} */ ('header') },
  ],
};

test('a type says its choices, its range and what it is otherwise', () => {
  assert.deepEqual(typeOf({ type: 'integer', minimum: 1, maximum: 9, default: 4 }), ['integer 1…9; else 4']);
  assert.deepEqual(typeOf({ type: 'string', enum: ['READ', 'WRITE'] }), ['READ, WRITE']);
  assert.deepEqual(typeOf({ type: ['string', 'null'] }), ['string or null']);
  assert.deepEqual(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Lab' } }), ['array of ', { named: 'Lab' }]);
  assert.deepEqual(typeOf({ oneOf: [{ $ref: '#/a/Hex' }, { type: 'integer' }] }), [{ named: 'Hex' }, ' or ', 'integer']);
});

test('an address keeps the slashes of a path in it, and asks for nothing that was left empty', () => {
  assert.equal(addressOf(put, { lab: 'a b', path: '/bin/hello', mode: '' }), '/labs/a%20b/files/bin/hello');
  assert.equal(addressOf(put, { lab: 'x', path: 'f', mode: '0755' }), '/labs/x/files/f?mode=0755');
  assert.equal(addressOf(put, {}), '/labs/{lab}/files/{path}');
});

test('a call is one line of curl, its quotes escaped', () => {
  const values = { lab: 'x', path: 'f', 'If-Match': '"7"' };
  assert.equal(curlOf('http://h', put, { values, type: 'application/octet-stream', body: '' }), `curl -X PUT -H 'Content-Type: application/octet-stream' -H 'If-Match: "7"' --data-binary @FILE 'http://h/labs/x/files/f'`);
  assert.match(curlOf('http://h', put, { values, type: 'application/json', body: `{\n  "a": "it's"\n}` }), /-d '\{"a":"it'\\''s"\}'/);
});
