import { test } from 'node:test';
import assert from 'node:assert/strict';
import { filesToShow } from '../../../frontend-assets/js/panel-files.js';

const files = [
  { inode: 2, path: '/bin/echo' },
  { inode: 1048590, path: '[vdso]' },
  { inode: 1048589, path: '[vvar]' },
];

/** @param {any[]} vmas */
function shown(vmas) {
  const tables = { file: files, vma: vmas };
  const state = { rows: (/** @type {'file'|'vma'} */ table) => [...tables[table]], text: (/** @type {string} */ path) => path };
  return filesToShow(/** @type {any} */ (state)).map((file) => file.path);
}

test('filesOfTheKernel_areShownWhileSomebodyMapsThem', () => {
  assert.deepEqual(shown([{ inode: 1048590 }, { inode: 0 }]), ['/bin/echo', '[vdso]']);
});

test('filesOfTheKernel_areNotShownWhenTheirProgramsHaveEnded', () => {
  assert.deepEqual(shown([]), ['/bin/echo']);
});
