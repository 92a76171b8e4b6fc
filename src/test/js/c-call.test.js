import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cCall, curl } from '../../../frontend-assets/js/c-call.js';

test('members_inACall_areWrittenAsCHasThem', () => {
  const mmap = 'mmap({address|NULL}, {length}, {prot:PROT_|PROT_NONE}, {flags:MAP_|0}, {fd|-1}, {offset|0})';
  assert.equal(cCall(mmap, { length: 8192, prot: ['READ', 'WRITE'], flags: ['PRIVATE'], fd: 3 }), 'mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, 3, 0)');
  assert.equal(cCall(mmap, { address: '0x1000', length: 1 }), 'mmap((void *) 0x1000, 1, PROT_NONE, 0, -1, 0)');
  assert.equal(cCall('madvise({address}, {length}, {advice:MADV_})', { address: '0x1000', advice: 'FREE' }), 'madvise((void *) 0x1000, ?, MADV_FREE)');
});

test('memberThatMayBeMissing_isLeftOutWithItsComma', () => {
  const open = (members) => cCall('open({path}, {flags:O_|O_RDONLY}{, mode})', { path: '/f', ...members });
  assert.equal(open({ flags: ['RDWR'] }), 'open("/f", O_RDWR)');
  assert.equal(open({ flags: ['CREAT'], mode: '0644' }), 'open("/f", O_CREAT, 0644)');
});

test('bytesAndPaths_inACall_areStringLiterals', () => {
  assert.equal(cCall('memcpy({address}, {data})', { address: 5, data: { text: 'say "é"' } }), 'memcpy((void *) 5, "say \\"é\\"", 8)');
  assert.equal(cCall('f({data})', { data: { hex: '0a ff' } }), 'f("\\x0a\\xff", 2)');
  assert.equal(cCall('f({data})', { data: { hex: '0000' } }), 'f(zeros, 2)');
  assert.equal(cCall('pread({file}, buffer, {length})', { fd: 3, length: 4 }), 'pread(3, buffer, 4)');
  assert.equal(cCall('pread({file}, buffer, {length})', { path: '/a', length: 4 }), 'pread(open("/a", O_RDWR), buffer, 4)');
});

test('command_asCurl_isSafeInAShell', () => {
  assert.equal(
    curl('http://x/api/v1/labs/a', 'write', { pid: 1, data: { text: "it's" } }, ''),
    `curl -H 'Content-Type: application/json' -d '{"do":"write","pid":1,"data":{"text":"it'\\''s"}}' http://x/api/v1/labs/a/commands`,
  );
  assert.equal(curl('http://x/labs/a', 'put', { path: '/b' }, 'b.so'), "curl -X PUT --data-binary @'b.so' 'http://x/labs/a/files/b'");
});
