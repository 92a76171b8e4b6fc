/** Where a reader wants to go, as typed: a record of the log, an address, or a frame. */

/** @typedef {{record: number} | {address: bigint} | {frame: number} | {wrong: string}} Destination */

const RECORD = /^#?\s*(\d{1,15})$/;
const FRAME = /^(?:frame|f)\s*:?\s*(0x[0-9a-f]{1,11}|\d{1,13})$/i;
const ADDRESS = /^0x[0-9a-f]{1,16}$/i;

/** @param {string} typed @returns {Destination} */
export function destination(typed) {
  const text = typed.trim();
  const [, record] = RECORD.exec(text) ?? [];
  if (record) return { record: Number(record) };
  const [, frame] = FRAME.exec(text) ?? [];
  if (frame) return { frame: Number(frame) };
  if (ADDRESS.test(text)) return { address: BigInt(text) };
  return { wrong: text ? `“${text}” is no record (#1042), no address (0x3ff7ffb000) and no frame (frame 0x5)` : 'a record (#1042), an address (0x3ff7ffb000) or a frame (frame 0x5)' };
}
