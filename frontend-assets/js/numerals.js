/** How the panel of translation writes numbers: hexadecimal, decimal or binary, as the reader has chosen. */

/** @typedef {'hex'|'dec'|'bin'} Base */
const RADIX = { hex: 16, dec: 10, bin: 2 };
const PREFIX = { hex: '0x', dec: '', bin: '0b' };

/** @type {Base} */
let base = 'hex';

/** @param {Base} chosen */
export function writeIn(chosen) {
  base = chosen;
}

/** @param {number|bigint} value an address, a frame number or an index, as the bits that it is */
export function numeral(value) {
  const bits = value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
  return PREFIX[base] + bits.toString(RADIX[base]);
}
