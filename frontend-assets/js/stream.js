/**
 * The live stream of a laboratory: a WebSocket that comes back by itself and resumes after the last record it saw.
 *
 * @typedef {'connecting'|'live'|'waiting'|'ended'} Condition
 */
import { decode } from './wire.js';

const LONGEST_PAUSE = 8000;

/** @param {string} lab @param {string} what 'stream' or 'presenter-stream' */
export function socketAddress(lab, what) {
  const url = new URL(`/api/v1/labs/${encodeURIComponent(lab)}/${what}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/** @param {string} lab @param {number} after the record to begin after, -1 for the last operation */
export function connect(lab, after) {
  const url = socketAddress(lab, 'stream');
  if (after >= 0) url.searchParams.set('after', String(after));
  const socket = new WebSocket(url, 'faultline.v1');
  socket.binaryType = 'arraybuffer';
  return socket;
}

export class Stream {
  /**
   * @param {string} lab
   * @param {import('./schema.js').Schema} schema
   * @param {{snapshot: (s: import('./wire.js').Snapshot) => void, records: (b: import('./wire.js').Batch) => void,
   *   condition: (c: Condition, detail: string) => void}} listener
   */
  constructor(lab, schema, listener) {
    this.lab = lab;
    this.schema = schema;
    this.listener = listener;
    this.after = -1;
    this.pause = 250;
  }

  open() {
    this.listener.condition('connecting', '');
    let ended = false;
    let opened = false;
    const socket = connect(this.lab, this.after);
    socket.onopen = () => {
      opened = true;
      this.pause = 250;
      this.listener.condition('live', '');
    };
    socket.onmessage = ({ data }) => {
      const message = decode(data, this.schema);
      if (message.kind === 'end') {
        ended = !message.canResume;
        if (ended) this.listener.condition('ended', message.reason);
      } else if (message.kind === 'snapshot') {
        this.after = message.sequence;
        this.listener.snapshot(message);
      } else {
        this.#records(message);
      }
    };
    socket.onclose = () => {
      if (!ended) this.#again(opened);
    };
  }

  /** Tries again after a pause, unless the laboratory is gone. @param {boolean} opened */
  async #again(opened) {
    this.listener.condition('waiting', '');
    if (!opened && (await this.#isGone())) {
      this.listener.condition('ended', 'the laboratory is gone');
      return;
    }
    setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
  }

  async #isGone() {
    try {
      return (await fetch(`/api/v1/labs/${encodeURIComponent(this.lab)}`)).status === 404;
    } catch {
      return false;
    }
  }

  /** Records that were seen before are left out, whatever the server resumed with. @param {import('./wire.js').Batch} batch */
  #records(batch) {
    const records = batch.records.filter((record) => record.sequence > this.after);
    if (records.length === 0) return;
    this.after = records[records.length - 1].sequence;
    this.listener.records({ ...batch, first: records[0].sequence, records });
  }
}
