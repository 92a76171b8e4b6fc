/**
 * Brings what was told before the page was opened: the page is drawn from a snapshot at once, and the log from its
 * beginning up to that snapshot comes over a second socket, which is closed when it is there.
 */
import { History } from './history.js';
import { connect } from './stream.js';
import { decode } from './wire.js';

/**
 * @param {string} lab
 * @param {import('./schema.js').Schema} schema
 * @param {number} until the sequence number of the snapshot
 * @returns {Promise<?History>} null where the log no longer has its beginning
 */
export function backfill(lab, schema, until) {
  const history = new History(schema, 0);
  return new Promise((resolve) => {
    const socket = connect(lab, 0);
    socket.onmessage = ({ data }) => {
      const message = decode(data, schema);
      if (message.kind === 'records') history.append(message);
      if (message.kind !== 'records' || history.head >= until) socket.close();
    };
    socket.onclose = () => resolve(history.head >= until ? history : null);
  });
}
