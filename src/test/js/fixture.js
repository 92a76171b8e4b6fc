/** A small schema and an encoder, the mirror image of wire.js, for the tests. */
import { Schema } from '../../../frontend-assets/js/schema.js';

const DECIMAL = { shape: 'DECIMAL' };
const HEX = { shape: 'HEX' };
const TEXT = { shape: 'TEXT' };

export const schema = new Schema({
  tables: [
    {
      name: 'frame',
      columns: [
        { name: 'ppn', format: HEX },
        { name: 'refs', format: DECIMAL },
        { name: 'inode', format: DECIMAL },
      ],
    },
    {
      name: 'hart',
      columns: [
        { name: 'hart', format: DECIMAL },
        { name: 'satp', format: HEX },
      ],
    },
  ],
  steps: [
    { name: 'TRAPS', actor: 'CPU', template: 'traps: {cause:cause}, stval {stval:hex}', headline: null, arguments: ['cause', 'stval'], decides: false },
    { name: 'COPIES', actor: 'KERNEL', template: 'copies {from:hex} to {to:hex}', headline: 'frame {from:hex} copied to {to:hex}', arguments: ['from', 'to'], decides: false },
    { name: 'NO_VMA', actor: 'KERNEL', template: 'no VMA contains {va:hex}', headline: null, arguments: ['va'], decides: true },
  ],
  operations: [{ name: 'WRITE', template: 'P{pid} wrote to {path:text}', arguments: ['pid', 'path'] }],
  formats: {
    hex: HEX,
    text: TEXT,
    flags: { shape: 'ENTRY_FLAGS' },
    prot: { shape: 'PROTECTION' },
    cause: { shape: 'SYMBOL', symbols: ['', 'store page fault'] },
    errno: { shape: 'SYMBOL', symbols: ['OK', 'EPERM', 'ENOENT'] },
  },
  signals: ['NONE', 'SIGSEGV'],
  signalCodes: ['SI_KERNEL', 'SEGV_MAPERR'],
});

export const TYPE = { STRING: 0, OPERATION: 1, STEP: 2, INSERT: 3, UPDATE: 4, DELETE: 5, OUTCOME: 6 };

export class Writer {
  constructor(kind) {
    this.bytes = [kind];
  }

  varint(value) {
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      this.bytes.push(rest ? low | 0x80 : low);
    } while (rest);
    return this;
  }

  zigzag(value) {
    const big = BigInt(value);
    return this.varint((big << 1n) ^ (big >> 63n));
  }

  text(text) {
    const bytes = new TextEncoder().encode(text);
    this.varint(bytes.length);
    this.bytes.push(...bytes);
    return this;
  }

  head(type, ordinal) {
    return this.varint(type | (ordinal << 3));
  }

  row(type, ordinal, key, ...values) {
    this.head(type, ordinal).zigzag(key);
    values.forEach((value) => this.zigzag(value));
    return this;
  }

  message() {
    return new Uint8Array(this.bytes);
  }
}

/** The story of a copy on write, as the server would send it, from sequence number `first` on. */
export function copyOnWrite(first) {
  const writer = new Writer(2).varint(first).varint(8);
  writer.head(TYPE.STRING, 0).varint(1).text('/données');
  writer.head(TYPE.OPERATION, 0).zigzag(7).zigzag(1);
  writer.head(TYPE.STEP, 0).zigzag(1).zigzag(0x3f00012abcn);
  writer.head(TYPE.STEP, 1).zigzag(5).zigzag(9);
  writer.head(TYPE.UPDATE, 0).zigzag(5).varint(0b010).zigzag(2).zigzag(1);
  writer.row(TYPE.INSERT, 0, 9, 9, 1, 3);
  writer.row(TYPE.DELETE, 0, 6, 6, 4, 2);
  writer.head(TYPE.OUTCOME, 0).zigzag(5).zigzag(0).zigzag(0).zigzag(0).zigzag(0);
  return writer.message();
}

/** A snapshot with frames 5 and 6 and a hart. */
export function snapshot(sequence) {
  const writer = new Writer(1).varint(sequence).varint(1).text('zero');
  writer.varint(2);
  [5, 5, 2, 3].forEach((value) => writer.zigzag(value));
  [6, 6, 4, 2].forEach((value) => writer.zigzag(value));
  writer.varint(1);
  writer.zigzag(0).zigzag(0).zigzag(SATP);
  return writer.message();
}

export const SATP = BigInt.asIntN(64, 0x8001000000000005n);

/** All rows of a state, whatever their order. */
export const picture = (state) => JSON.stringify(state.tables.map((rows) => [...rows.values()].map((row) => Object.values(row).map(String)).sort()));

/** Until a laboratory has the state of the moment that was gone to. */
export async function arrived(lab) {
  while (lab.underway) await new Promise((done) => lab.addEventListener('moved', done, { once: true }));
}
