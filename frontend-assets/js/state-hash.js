/**
 * The hash of a state, the same as the server's: the sum of its rows' hashes in two lanes of 32 bits, whatever the
 * order of the rows.
 */
const A = 0x9e3779b1 | 0;
const B = 0x85ebca77 | 0;
const C = 0xc2b2ae3d | 0;
const D = 0x27d4eb2f | 0;

/** @param {number} bits @param {number} by */
const rotate = (bits, by) => (bits << by) | (bits >>> (32 - by));

/** @param {number} bits */
function mixed(bits) {
  let x = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), C);
  return x ^ (x >>> 16);
}

/** @param {import('./state.js').State} state @returns {string} sixteen hexadecimal digits */
export function stateHash(state) {
  let high = 0;
  let low = 0;
  state.tables.forEach((rows, table) => {
    const names = state.schema.tables[table].columns.map((column) => column.name);
    for (const [key, row] of rows) {
      let a = (A + table) | 0;
      let b = (B - table) | 0;
      for (let column = -1; column < names.length; column++) {
        const value = column < 0 ? key : row[names[column]];
        let upper;
        let lower;
        if (typeof value === 'number') {
          upper = Math.floor(value / 4294967296) | 0;
          lower = value | 0;
        } else {
          upper = Number(BigInt.asIntN(32, value >> 32n));
          lower = Number(BigInt.asIntN(32, value));
        }
        a = (rotate(Math.imul(a ^ lower, C), 13) + Math.imul(upper, D)) | 0;
        b = (rotate(Math.imul(b ^ upper, D), 17) + Math.imul(lower, C)) | 0;
      }
      high = (high + mixed(a ^ (b >>> 3))) | 0;
      low = (low + mixed((b + a) | 0)) | 0;
    }
  });
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
