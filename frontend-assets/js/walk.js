/**
 * How an address is translated, told from the table rows alone: the bits of the address choose an entry at each level,
 * and the entry either points to the next table or is the leaf. (RISC-V Privileged Architecture, "Virtual Address
 * Translation Process".)
 *
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Row} Row
 * @typedef {{level: number, index: number, table: ?number, address: ?number, entry: ?Row}} Read
 * @typedef {{va: bigint, canonical: boolean, offset: number, reads: Read[], leaf: ?Read, ppn: ?number, pa: ?number,
 *   verdict: string}} Translation
 */

export const PAGE = 4096;
const INDEX_BITS = 9n;
const OFFSET_BITS = 12n;
const LEVELS = /** @type {Record<string, number>} */ ({ sv39: 3, sv48: 4, sv57: 5 });

/** @param {any} info the laboratory's description */
export const levelsOf = (info) => LEVELS[String(info.paging).toLowerCase()] ?? 3;

/** Thousands of entries are looked at for one picture: BigInt is for those alone that need it. @param {any} value */
export function ppnOf(value) {
  if (typeof value === 'number' && value >= 0) return Math.floor(value / 1024) % 2 ** 44;
  return Number((BigInt.asUintN(64, BigInt(value)) >> 10n) & ((1n << 44n) - 1n));
}

const [V, R, X, G] = [1, 2, 8, 32];

/** @param {any} value */
const lowBits = (value) => (typeof value === 'number' ? value & 0xff : Number(BigInt.asUintN(8, value)));

/** @param {any} value */
export function bitsOf(value) {
  const low = lowBits(value);
  return {
    v: !!(low & 1),
    r: !!(low & 2),
    w: !!(low & 4),
    x: !!(low & 8),
    u: !!(low & 16),
    g: !!(low & 32),
    a: !!(low & 64),
    d: !!(low & 128),
  };
}

/** @param {any} value */
export const isValid = (value) => (lowBits(value) & V) !== 0;

/** Only a valid entry that allows some access is a leaf. @param {any} value */
export function isLeaf(value) {
  const low = lowBits(value);
  return (low & V) !== 0 && (low & (R | X)) !== 0;
}

/** True when the page is swapped out: without V and PROT_NONE (in the place of G) an entry names a slot. @param {any} value */
export function isSwapped(value) {
  return (lowBits(value) & (V | G)) === 0 && Number(value) !== 0 && !isGuard(value);
}

/** True for a page that is there and may not be touched (PROT_NONE): V is clear, the frame stays. @param {any} value */
export function isProtNone(value) {
  return (lowBits(value) & (V | G)) === G && !isGuard(value);
}

/** True when an entry has a frame behind it that counts as resident. @param {any} value */
export const isResident = (value) => isLeaf(value) || isProtNone(value);

/** True where both values of an entry give its page the same frame. @param {any} before @param {any} after */
export const leadAlike = (before, after) => isResident(before) && isResident(after) && ppnOf(before) === ppnOf(after);

/** True for the entry of a guard page, which nobody may touch. @param {any} value */
export const isGuard = (value) => Number(value) === 0x4f80;

/** The slot that the entry of a swapped-out page names. @param {any} value */
export const slotOf = (value) => Number(BigInt.asUintN(64, BigInt(value)) >> 12n);

/** An address as the 64 bits that it is. @param {any} value @returns {bigint} */
export const unsigned = (value) => BigInt.asUintN(64, BigInt(value));

/** The first address of the page around `va`. @param {any} va */
export const pageOf = (va) => unsigned(va) & ~0xfffn;

/** @param {bigint} va @param {number} level */
export const indexOf = (va, level) => Number((va >> (OFFSET_BITS + INDEX_BITS * BigInt(level))) & 0x1ffn);

/** True when all bits above the translated ones are alike. @param {bigint} va @param {number} levels */
export function isCanonical(va, levels) {
  const bits = OFFSET_BITS + INDEX_BITS * BigInt(levels);
  const upper = va >> (bits - 1n);
  return upper === 0n || upper === (1n << (65n - bits)) - 1n;
}

/**
 * @param {State} state
 * @param {number} root frame of the root table
 * @param {bigint} va
 * @param {number} levels
 * @returns {Translation}
 */
export function translate(state, root, va, levels) {
  const entries = state.table('pte');
  const canonical = isCanonical(va, levels);
  /** @type {Read[]} */
  const reads = [];
  /** @type {?number} */
  let table = root;
  /** @type {?Read} */
  let leaf = null;
  let verdict = canonical ? '' : 'not canonical: page fault before any table is read';
  for (let level = levels - 1; level >= 0; level--) {
    const index = indexOf(va, level);
    const address = table === null ? null : table * PAGE + index * 8;
    const entry = address === null ? null : (entries.get(address) ?? null);
    const read = { level, index, table, address, entry };
    reads.push(read);
    if (table === null) continue;
    if (!entry || !bitsOf(entry.value).v) {
      const slot = entry && isSwapped(entry.value) ? `; its page is in swap slot ${slotOf(entry.value)}` : '';
      verdict ||= `L${level}[${index}] is not valid: page fault${slot}`;
      table = null;
    } else if (isLeaf(entry.value)) {
      leaf = read;
      table = null;
    } else {
      table = ppnOf(entry.value);
    }
  }
  const offset = Number(va & 0xfffn);
  if (!canonical || !leaf?.entry) return { va, canonical, offset, reads, leaf: null, ppn: null, pa: null, verdict };
  const within = Number((va >> OFFSET_BITS) & ((1n << (INDEX_BITS * BigInt(leaf.level))) - 1n));
  const ppn = ppnOf(leaf.entry.value) + within;
  return { va, canonical, offset, reads, leaf, ppn, pa: ppn * PAGE + offset, verdict: `frame ${'0x' + ppn.toString(16)}` };
}

/**
 * What an entry is, for its picture.
 *
 * @param {?Row|undefined} entry
 * @param {(va: any, pid: number) => ?Row} vmaAt finds the VMA around an address
 * @returns {'empty'|'guard'|'swapped'|'none'|'pointer'|'cow'|'r'|'rw'|'rx'|'rwx'|'super'}
 */
export function kindOf(entry, vmaAt) {
  if (!entry) return 'empty';
  if (isGuard(entry.value)) return 'guard';
  if (isSwapped(entry.value)) return 'swapped';
  if (isProtNone(entry.value)) return 'none';
  if (!isLeaf(entry.value)) return 'pointer';
  if (entry.level > 0) return 'super';
  const { w, x } = bitsOf(entry.value);
  const vma = vmaAt(entry.va, entry.pid);
  if (!w && vma && vma.sharing === 0 && vma.prot & 2) return 'cow';
  if (w) return x ? 'rwx' : 'rw';
  return x ? 'rx' : 'r';
}

/** The words for what `kindOf` tells. */
export const KIND_WORDS = {
  empty: 'not valid',
  guard: 'not valid: a guard, which nobody may touch',
  swapped: 'not valid: the page is swapped out',
  none: 'not valid: PROT_NONE, nobody may touch the page, which keeps its frame',
  pointer: 'pointer to a table',
  cow: 'leaf, copy on write: readable, a write will fault',
  r: 'leaf, read',
  rw: 'leaf, read and write',
  rx: 'leaf, read and execute',
  rwx: 'leaf, read, write and execute',
  super: 'leaf of a superpage',
};

/** One glyph for each, so that nothing rests on colour alone. */
export const KIND_GLYPHS = {
  empty: '·',
  guard: '⊠',
  swapped: '↓',
  none: '∅',
  pointer: '→',
  cow: 'C',
  r: 'R',
  rw: 'W',
  rx: 'X',
  rwx: '!',
  super: 'S',
};
