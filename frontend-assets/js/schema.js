/**
 * What the numbers of the log mean: the tables with their columns, the sentences of operations and steps, and the
 * formats that turn a number into words. All of it comes from the server; nothing here knows a table or a step by name.
 *
 * @typedef {import('./wire.js').Value} Value
 * @typedef {{shape: string, symbols?: string[]}} Format
 * @typedef {{name: string, format: Format}} Column
 * @typedef {{name: string, columns: Column[]}} Table
 * @typedef {{name: string, actor: string, template: string, headline: ?string, arguments: string[], decides: boolean}} StepKind
 * @typedef {{name: string, template: string, arguments: string[]}} OperationKind
 */

const ENTRY_LETTERS = 'VRWXUGAD';
const PROTECTION_LETTERS = 'rwx';
const DECIMAL = { shape: 'DECIMAL' };
const PLACE = /\{(\w+)(?::(\w+)|\|([^|{}]*)\|([^|{}]*))?\}/g;

/** An address, frame number or other value in hexadecimal; a negative one as the 64 bits that it is. @param {Value} value */
export function hex(value) {
  return '0x' + (value < 0 ? BigInt.asUintN(64, BigInt(value)) : value).toString(16);
}

/** A number and the word that goes with it. @param {Value} value @param {string} one @param {string} many */
export const counted = (value, one, many) => `${value} ${Number(value) === 1 ? one : many}`;

/** @param {Value} bits @param {string} names */
function letters(bits, names) {
  const low = Number(BigInt.asUintN(8, BigInt(bits)));
  return [...names].map((letter, i) => ((low >> i) & 1 ? letter : '-')).join('');
}

/** The low eight bits of a table entry. @param {Value} bits */
export const entryFlags = (bits) => letters(bits, ENTRY_LETTERS);

/** `rwx` as in `/proc/pid/maps`. @param {Value} bits */
export const protection = (bits) => letters(bits, PROTECTION_LETTERS);

/**
 * @param {Value} value
 * @param {Format} format
 * @param {string[]} strings
 * @returns {string}
 */
export function write(value, format, strings) {
  switch (format.shape) {
    case 'HEX':
      return hex(value);
    case 'OCTAL':
      return '0' + value.toString(8);
    case 'BOOLEAN':
      return value ? 'true' : 'false';
    case 'TEXT':
      return strings[Number(value)] ?? '';
    case 'SYMBOL':
      return format.symbols?.[Number(value)] ?? String(value);
    case 'ENTRY_FLAGS':
      return entryFlags(value);
    case 'PROTECTION':
      return protection(value);
    default:
      return String(value);
  }
}

export class Schema {
  /** @param {any} json the answer of `/api/v1/schema` */
  constructor(json) {
    /** @type {Table[]} */
    this.tables = json.tables;
    /** @type {StepKind[]} */
    this.steps = json.steps;
    /** @type {OperationKind[]} */
    this.operations = json.operations;
    /** @type {Record<string, Format>} */
    this.formats = json.formats;
    /** @type {string[]} */
    this.signals = json.signals;
    /** @type {string[]} */
    this.signalCodes = json.signalCodes;
    this.ordinals = new Map(this.tables.map((table, ordinal) => [table.name, ordinal]));
  }

  /** @param {string} table */
  ordinal(table) {
    const ordinal = this.ordinals.get(table);
    if (ordinal === undefined) throw new Error(`no table is called ${table}`);
    return ordinal;
  }

  /**
   * A sentence with its places filled.
   *
   * @param {string} template as in `"reads L{level} at {pa:hex}"` or `"wrote {length|byte|bytes}"`
   * @param {string[]} names of the values, in their order
   * @param {Value[]} values
   * @param {string[]} strings
   */
  fill(template, names, values, strings) {
    return template.replace(PLACE, (_, name, format, one, many) => {
      const value = values[names.indexOf(name)];
      return many === undefined ? write(value, format ? this.formats[format] : DECIMAL, strings) : counted(value, one, many);
    });
  }

  /** The word of a symbol, as `symbol('kind', 2)` is "anon". @param {string} format @param {Value} value */
  symbol(format, value) {
    return write(value, this.formats[format] ?? DECIMAL, []);
  }
}
