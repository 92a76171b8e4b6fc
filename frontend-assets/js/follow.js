/** A laboratory of the server, followed from now on, with all that was told before. */
import { backfill } from './backfill.js';
import { Laboratory } from './laboratory.js';
import { Stream } from './stream.js';

/** @param {string} path @returns {Promise<any>} what the API answers */
export async function asked(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** @param {string} lab @param {import('./schema.js').Schema} schema */
export async function follow(lab, schema) {
  const laboratory = new Laboratory(schema, await asked(`/api/v1/labs/${encodeURIComponent(lab)}`));
  new Stream(lab, schema, {
    snapshot: (snapshot) => {
      laboratory.snapshot(snapshot);
      if (!snapshot.sequence) return;
      backfill(lab, schema, snapshot.sequence).then((older) => {
        if (older && laboratory.history.start === snapshot.sequence) laboratory.precede(older);
      });
    },
    records: (batch) => laboratory.records(batch),
    condition: (condition, detail) => laboratory.setCondition(condition, detail),
  }).open();
  return laboratory;
}
