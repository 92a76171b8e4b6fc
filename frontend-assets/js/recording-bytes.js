/**
 * The bytes of a recording: where they come from, the entries that they make, and how an entry is checked and inflated.
 * docs/recording.md describes them; nothing that is read here is trusted.
 *
 * @typedef {{size: number, read: (offset: number, length: number) => Promise<Uint8Array>}} Source
 * @typedef {{kind: number, sequence: number, payload: Uint8Array, offset: number, end: number}} Entry
 */

import { exact } from './wire.js';

export const KIND = { HEADER: 1, COMMAND: 2, SEGMENT: 3, INDEX: 4 };

const HEAD_BYTES = 16;
const MOST_BYTES = 2 ** 30 + 2 ** 20;

/** @param {Blob} blob @returns {Source} */
export function blobSource(blob) {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** @param {ArrayBuffer|Uint8Array} buffer @returns {Source} */
export function bufferSource(buffer) {
  const bytes = new Uint8Array(buffer);
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)) };
}

/** Of a file's beginning and end so many bytes are fetched at once: its header and its index, in most. */
const EDGE = 65_536;

/** A file behind an address that answers ranges; it has to stay the same while it is read. @param {string} url @returns {Promise<Source>} */
export async function rangeSource(url) {
  // both ends are on their way before either has come
  const [first, last] = await Promise.all([`0-${EDGE - 1}`, `-${EDGE}`].map((range) => fetch(url, { headers: { Range: `bytes=${range}` } })));
  const total = Number(/\/(\d+)$/.exec(first.headers.get('Content-Range') ?? '')?.[1]);
  if (first.status === 404) throw new RangeError(`there is nothing at ${url}`);
  if (first.status !== 206 || !Number.isSafeInteger(total)) throw new RangeError(`${url} does not answer ranges (${first.status})`);
  const version = first.headers.get('ETag');
  const changed = () => new RangeError(`${url} has changed while it was read`);
  if (last.status !== 206 || last.headers.get('ETag') !== version || !last.headers.get('Content-Range')?.endsWith(`/${total}`)) throw changed();
  const part = async (/** @type {number} */ offset, /** @type {number} */ end) => {
    /** @type {Record<string, string>} */
    const headers = { Range: `bytes=${offset}-${end - 1}` };
    if (version) headers['If-Range'] = version;
    const answer = await fetch(url, { headers });
    if (answer.status !== 206) throw changed();
    return new Uint8Array(await answer.arrayBuffer());
  };
  const [head, tail] = await Promise.all([first, last].map(async (answer) => new Uint8Array(await answer.arrayBuffer())));
  const tailAt = total - tail.length;
  const read = async (/** @type {number} */ offset, /** @type {number} */ length) => {
    const end = Math.min(total, offset + length);
    if (end <= offset) return new Uint8Array();
    if (end <= head.length) return head.subarray(offset, end);
    return offset < tailAt ? part(offset, end) : tail.subarray(offset - tailAt, end - tailAt);
  };
  return { size: total, read };
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C (Castagnoli). @param {Uint8Array} bytes */
export function crc32c(bytes) {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {Source} source @param {number} offset @param {number} [end] where it ends, if that is known: one reading less @returns {Promise<?Entry>} null where no entry stands whole and unhurt */
export async function readEntry(source, offset, end = offset) {
  let bytes = await source.read(offset, Math.max(HEAD_BYTES, end - offset));
  if (bytes.length < HEAD_BYTES) return null;
  const length = HEAD_BYTES + view(bytes).getUint32(0, true);
  if (length > HEAD_BYTES + MOST_BYTES || offset + length > source.size) return null;
  if (bytes.length !== length) bytes = await source.read(offset, length);
  if (bytes.length < length || view(bytes).getUint32(4, true) !== crc32c(bytes.subarray(8))) return null;
  const kind = bytes[15];
  if (kind < KIND.HEADER || kind > KIND.INDEX) return null;
  const sequence = view(bytes).getUint32(8, true) + (view(bytes).getUint32(12, true) & 0xffffff) * 2 ** 32;
  return { kind, sequence, payload: bytes.subarray(HEAD_BYTES), offset, end: offset + length };
}

/** @param {Uint8Array} bytes */
export function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Memory grows with what really comes out, and never beyond `length`. @param {Uint8Array} deflated @param {number} length */
export async function inflate(deflated, length) {
  const stream = new Blob([/** @type {BlobPart} */ (deflated)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  const parts = [];
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
      if (size > length) break;
    }
  } catch (error) {
    throw new RangeError('a compressed part is damaged', { cause: error });
  }
  if (size !== length) {
    reader.cancel().catch(() => {});
    throw new RangeError(`a compressed part does not have the ${length} bytes that it claims`);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {boolean} holds @param {string} otherwise @returns {asserts holds} */
export function check(holds, otherwise) {
  if (!holds) throw new RangeError(otherwise);
}

/** The sum of two 64-bit numbers, as a machine adds them. @param {import('./wire.js').Value} a @param {import('./wire.js').Value} b @returns {import('./wire.js').Value} */
export function sum(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    const plain = a + b;
    if (Number.isSafeInteger(plain)) return plain;
  }
  return exact(BigInt.asIntN(64, BigInt(a) + BigInt(b)));
}

/** @param {import('./wire.js').Reader} reader @param {number} most @param {string} what */
export function count(reader, most, what) {
  const value = reader.varint();
  check(typeof value === 'number' && value >= 0 && value <= most, `${what} cannot be ${value}`);
  return value;
}
