/**
 * Questions about what comes next, made from the story that is there but not shown yet: about a whole operation before
 * its first step, and about every step before it. The same story gives the same questions, in the same order, with the
 * same answers in the same places. A wrong answer is always one that could have been: another step of this story, another
 * VMA of this process, a neighbouring index, a reference more or less.
 *
 * @typedef {import('./story.js').Story} Story
 * @typedef {import('./story.js').Step} Step
 * @typedef {import('./state.js').State} State
 * @typedef {{key: string, ask: string, options: string[], right: number}} Question
 */
import { counted, hex, protection } from './schema.js';
import { vmaAt, vmasByProcess } from './spaces.js';

const MOST = 4;
/** Records of an operation whose frames and references somebody could count. */
const COUNTED = 8192;
/** Other steps that are asked about lie so near to the one that comes. */
const NEAR = 64;
const BITS = ['V (valid)', 'R (read)', 'W (write)', 'X (execute)', 'U (user)', 'G (global)', 'A (accessed)', 'D (dirty)'];
const CAUSES = { 12: 'instruction page fault', 13: 'load page fault', 15: 'store page fault', 8: 'system call' };
const FRAME_KINDS = { 1: 'a page table', 2: 'a page of the process alone', 3: 'a page of a file' };

/** How a fault is mended, by the step that says so. */
const WAYS = {
  ANONYMOUS_WRITE: 'a zeroed frame for this page',
  ZERO_PAGE: 'the shared zero page, no frame',
  FILE_READ: 'the cached page of the file, without W',
  COPY_ON_WRITE: 'a copy in a frame of its own',
  REUSE: 'the same frame, W is set',
  SHARED_WRITE: 'the cached page of the file, with W',
  SUPERPAGE_FAULT: '512 frames at once',
  SWAPPED_OUT: 'the page is read from swap',
  MARKS_ENTRY: 'only A or D is set',
  VMA_FORBIDS: 'not at all, a signal is sent',
  NO_VMA: 'not at all, a signal is sent',
  PAST_END: 'not at all, a signal is sent',
};

/** Answers that come to mind where this one is right. @type {Record<string, string[]>} */
const TEMPTING = {
  ANONYMOUS_WRITE: ['ZERO_PAGE', 'COPY_ON_WRITE', 'VMA_FORBIDS'],
  ZERO_PAGE: ['ANONYMOUS_WRITE', 'FILE_READ', 'VMA_FORBIDS'],
  FILE_READ: ['COPY_ON_WRITE', 'SHARED_WRITE', 'ANONYMOUS_WRITE'],
  COPY_ON_WRITE: ['REUSE', 'SHARED_WRITE', 'VMA_FORBIDS'],
  REUSE: ['COPY_ON_WRITE', 'ANONYMOUS_WRITE', 'VMA_FORBIDS'],
  SHARED_WRITE: ['COPY_ON_WRITE', 'FILE_READ', 'VMA_FORBIDS'],
};
const USUAL = ['ANONYMOUS_WRITE', 'COPY_ON_WRITE', 'FILE_READ', 'VMA_FORBIDS'];

/**
 * About the operation as a whole; the reader stands before its first step.
 *
 * @param {Story} story
 * @param {State} state as it stands there
 * @returns {Question[]}
 */
export function questionsBefore(story, state) {
  const key = `operation ${story.operation.sequence}`;
  const ends = question(`${key} end`, `${story.beginning}. How does it end?`, ending(story), endings(story));
  // nobody counts so many
  if (story.last - story.operation.sequence > COUNTED) return [ends];
  const more = framesTaken(story, state);
  const questions = [ends];
  if (more || ['MMAP', 'FORK', 'READ', 'WRITE', 'MUNMAP'].includes(story.kind.name)) {
    const [words, right] = more < 0 ? ['How many frames does it give back?', -more] : ['How many frames does it take?', more];
    questions.push(question(`${key} frames`, words, String(right), [0, 1, right + 1, right - 1, right + 2, 3].filter((n) => n >= 0).map(String)));
  }
  const refs = refsQuestion(story, state, `${key} refs`);
  if (refs) questions.push(refs);
  return questions;
}

/** How many frames more are in use afterwards. @param {Story} story @param {State} state */
function framesTaken(story, state) {
  const frames = story.schema.ordinal('frame');
  /** @type {Map<any, number>} */
  const used = new Map();
  for (const { ordinal, type, key } of story.all) {
    if (ordinal === frames) used.set(key, type === 'DELETE' ? 0 : 1);
  }
  return [...used].reduce((sum, [ppn, after]) => sum + after - (state.table('frame').has(ppn) ? 1 : 0), 0);
}

/** @param {Story} story */
function ending(story) {
  const { outcome, fault } = story;
  if (outcome?.signal) return `${outcome.signal} ${outcome.code}`;
  if (outcome?.errno) return `-1 ${outcome.errno}`;
  return { none: isAccess(story) ? 'it succeeds without a fault' : 'it succeeds', minor: 'a minor fault, mended; then it succeeds', major: 'a major fault (disk), mended; then it succeeds', fatal: 'a signal' }[fault];
}

/** The hart itself does it, and may trap; what the kernel brings in for a call is no trap. @param {Story} story */
const isAccess = (story) => ['READ', 'WRITE', 'EXECUTE', 'STEP', 'RUN', 'RUN_ALL'].includes(story.kind.name);

/** @param {Story} story */
function endings(story) {
  return isAccess(story)
    ? ['it succeeds without a fault', 'a minor fault, mended; then it succeeds', 'SIGSEGV SEGV_MAPERR', 'a major fault (disk), mended; then it succeeds', 'SIGSEGV SEGV_ACCERR']
    : ['it succeeds', '-1 EINVAL', '-1 ENOMEM', '-1 EACCES'];
}

/** The first frame that was there before and has other references afterwards. @param {Story} story @param {State} state @param {string} key */
function refsQuestion(story, state, key) {
  const ordinal = story.schema.ordinal('frame');
  const column = story.schema.tables[ordinal].columns.findIndex(({ name }) => name === 'refs');
  /** @type {Map<any, number>} */
  const refs = new Map();
  /** Frames that became something else meanwhile. */
  const reused = new Set();
  for (const change of story.all) {
    const row = change.ordinal === ordinal ? state.table('frame').get(change.key) : undefined;
    if (!row || Number(row.kind) < 2 || reused.has(change.key)) continue;
    if (change.type === 'INSERT') {
      reused.add(change.key);
      refs.delete(change.key);
    }
    if (change.type === 'UPDATE' && change.columns.includes(column)) refs.set(change.key, Number(change.after[change.columns.indexOf(column)]));
    if (change.type === 'DELETE') refs.set(change.key, 0);
  }
  for (const [ppn, after] of refs) {
    const before = Number(state.table('frame').get(ppn)?.refs);
    if (before !== after || refs.size === 1) {
      return question(key, `Frame ${hex(ppn)} has ${counted(before, 'reference', 'references')} now. How many afterwards?`, String(after), around(after, before));
    }
  }
  return null;
}

/** @param {...number} numbers @returns {string[]} these and what lies beside them */
const around = (...numbers) => numbers.flatMap((n) => [n, n + 1, n - 1, n + 2]).filter((n) => n >= 0).map(String);

/**
 * About the step that comes next; the reader stands right before it.
 *
 * @param {Story} story
 * @param {State} state as it stands there
 * @returns {?Question} null where there is none to come
 */
export function questionAbout(story, state) {
  const step = story.steps[story.position];
  if (!step) return null;
  const key = `step ${step.first}`;
  const value = (/** @type {string} */ name) => story.argument(step, name) ?? 0;
  switch (step.kind?.name) {
    case 'TLB_HIT':
    case 'TLB_MISS':
      return question(key, `Is page ${hex(value('va'))} in the TLB?`, step.kind.name === 'TLB_HIT' ? 'hit' : 'miss', ['hit', 'miss']);
    case 'READS_SATP':
      return question(key, 'What tells the MMU where the root table is?', 'satp', ['satp', 'sepc', 'stval', 'the TLB']);
    case 'READS_POINTER':
    case 'READS_LEAF':
    case 'READS_UNUSABLE':
      return entryQuestion(story, step, key);
    case 'FORBIDS':
      return question(key, 'The entry is valid, and still there is a page fault. Which bit is the reason?', BITS[Number(value('bit'))], [BITS[2], BITS[6], BITS[1], BITS[4], BITS[7], BITS[3]]);
    case 'NOT_CANONICAL':
      return question(key, 'The root table is known. What comes next?', 'a page fault, since the address is not canonical', ['it reads an entry of the root table', 'it finds the address in the TLB']);
    case 'TRAPS':
      return question(key, 'The CPU traps. What does scause say?', cause(value('cause')), Object.keys(CAUSES).map(cause));
    case 'FINDS_VMA':
    case 'NO_VMA':
    case 'GROWS_STACK':
      return vmaQuestion(story, state, step, key);
    case 'CACHE_HIT':
    case 'CACHE_MISS':
      return question(key, `Is page ${value('page')} of ${state.text(value('path'))} in the page cache?`, step.kind.name === 'CACHE_HIT' ? 'yes' : 'no', ['yes', 'no']);
    case 'TAKES_FRAME':
      return question(key, 'The kernel needs a frame. What for?', frameKind(value('kind')), Object.keys(FRAME_KINDS).map(frameKind));
    case 'REFS_PARTED':
      return question(key, `Frame ${hex(value('from'))} has ${counted(Number(value('before')), 'reference', 'references')}, one of them from this process, which leaves it. How many are left?`, String(value('after')), around(Number(value('after')), Number(value('before'))));
    case 'MAPS_COPY':
      return question(key, `Frame ${hex(value('from'))} is in the page cache and was not mapped here. How many references does it keep?`, String(value('refs')), around(Number(value('refs'))));
    case 'UNMAPS_FRAME':
    case 'SHARES_FRAME':
      return question(key, `How many references does frame ${hex(value('ppn'))} have after this?`, String(value('refs')), around(Number(value('refs'))));
    case 'WRITES_ENTRY':
    case 'SETS_ACCESSED_DIRTY':
      return flagsQuestion(story, step, key);
    case 'RETRIES':
      return question(key, 'The kernel is done. Where does the program go on?', 'at the same instruction, again', ['at the same instruction, again', 'at the next instruction', 'in its signal handler']);
    case 'SENDS':
      // of a program's own signals nothing tells which it will be
      if (story.schema.signals[Number(value('signal'))] !== story.outcome?.signal) return nextQuestion(story, step, key);
      return question(key, 'The fault cannot be mended. What does the process get?', ending(story), ['SIGSEGV SEGV_MAPERR', 'SIGSEGV SEGV_ACCERR', 'SIGBUS BUS_ADRERR']);
    default:
      return wayQuestion(step, key) ?? nextQuestion(story, step, key);
  }
}

/** Steps shortly before the one that comes. @param {Story} story */
const earlier = ({ steps, position }) => steps.slice(Math.max(0, position - NEAR), position);

/** Steps shortly after it. @param {Story} story */
const later = ({ steps, position }) => steps.slice(position + 1, position + 1 + NEAR);

/** Which entry is read, or what is found there. @param {Story} story @param {Step} step @param {string} key */
function entryQuestion(story, step, key) {
  const [level, index] = ['level', 'index'].map((name) => Number(story.argument(step, name)));
  if (step.first % 2) {
    const others = [...earlier(story), ...later(story)].map((other) => story.argument(other, 'index')).filter((other) => other !== undefined);
    return question(key, `Which entry of the L${level} table does the MMU read?`, String(index), [...others.map(String), ...around(index)]);
  }
  const found = { READS_POINTER: 'a pointer to the next table', READS_LEAF: 'a leaf: the frame is known', READS_UNUSABLE: 'nothing that can be used: page fault' };
  return question(key, `The MMU reads L${level}[${index}]. What is there?`, found[/** @type {keyof typeof found} */ (step.kind?.name)], Object.values(found));
}

/** @param {Story} story @param {State} state @param {Step} step @param {string} key */
function vmaQuestion(story, state, step, key) {
  const pid = Number(story.operationArgument('pid') ?? 0);
  const va = story.argument(step, 'va') ?? earlier(story).map((past) => story.argument(past, 'stval')).findLast((stval) => stval !== undefined) ?? 0;
  const named = (/** @type {any} */ vma) => `${hex(vma.start)}-${hex(vma.end)} ${protection(vma.prot)}`;
  const vmas = vmasByProcess(state).get(pid) ?? [];
  const none = 'none: it cannot be mended';
  const grows = 'none, but the one above may grow down to it';
  const inside = vmaAt(state, va, pid);
  const right = step.kind?.name === 'NO_VMA' ? none : step.kind?.name === 'GROWS_STACK' ? grows : inside ? named(inside) : grows;
  return question(key, `Which VMA does the kernel find around ${hex(va)}?`, right, [none, ...vmas.map(named), grows]);
}

/** The flags that an entry has afterwards. @param {Story} story @param {Step} step @param {string} key */
function flagsQuestion(story, step, key) {
  const [old, flags] = ['old', 'new'].map((name) => story.schema.fill(`{${name}:flags}`, [name], [story.argument(step, name) ?? 0], []));
  const turned = (/** @type {number} */ place) => [...flags].map((letter, i) => (i !== place ? letter : letter === '-' ? 'VRWXUGAD'[i] : '-')).join('');
  return question(key, `The entry is ${old} now. What will it be?`, flags, [turned(2), old, turned(7), turned(6)]);
}

/** @param {Step} step @param {string} key */
function wayQuestion(step, key) {
  const name = /** @type {keyof typeof WAYS} */ (step.kind?.name ?? '');
  if (!WAYS[name]) return null;
  return question(key, 'How does the kernel mend this fault?', WAYS[name], (TEMPTING[name] ?? USUAL).map((other) => WAYS[/** @type {keyof typeof WAYS} */ (other)]));
}

/** For every kind that nothing better can be asked of. @param {Story} story @param {Step} step @param {string} key */
function nextQuestion(story, step, key) {
  const told = (/** @type {Step} */ other) => `${other.actor} ${story.text(other)}`;
  const after = later(story).map(told);
  const before = earlier(story).slice(-1).map(told);
  const others = [...after.slice(0, 2), ...before, ...after.slice(2), 'that was all'];
  return question(key, 'What happens next?', told(step), others);
}

/** @param {any} number */
const cause = (number) => `${number}, ${CAUSES[/** @type {keyof typeof CAUSES} */ (Number(number))] ?? 'something else'}`;

/** @param {any} number */
const frameKind = (number) => FRAME_KINDS[/** @type {keyof typeof FRAME_KINDS} */ (Number(number))] ?? 'the zero page';

/** @param {string} key also decides the order @param {string} ask @param {string} answer @param {string[]} others @returns {Question} */
function question(key, ask, answer, others) {
  const wrong = [...new Set(others)].filter((other) => other !== answer).slice(0, MOST - 1);
  const options = [answer, ...wrong];
  if (options.every((option) => /^\d+$/.test(option))) options.sort((a, b) => Number(a) - Number(b));
  else shuffle(options, key);
  return { key, ask, options, right: options.indexOf(answer) };
}

/** @param {string[]} options @param {string} key */
function shuffle(options, key) {
  let random = [...key].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
  for (let i = options.length - 1; i > 0; i--) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((random / 2 ** 32) * (i + 1));
    [options[i], options[j]] = [options[j], options[i]];
  }
}
