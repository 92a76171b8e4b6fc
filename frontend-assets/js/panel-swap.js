/** The swap area as a strip of slots: those that hold a page, how many entries name each, and whose page it is. */
import { h } from './dom.js';
import { processColour } from './owners.js';
import { counted } from './schema.js';

/** @param {import('./view.js').View} view nothing while no slot is in use */
export function drawSwap(view) {
  const slots = view.state.rows('swap_slot').sort((a, b) => Number(a.slot) - Number(b.slot));
  if (slots.length === 0) return null;
  return h(
    'section.file',
    { 'data-key': 'swap' },
    h('header', {}, h('b.badge.zero', {}, '↓'), h('span.name', {}, 'swap'), h('span.fact', {}, `${counted(slots.length, 'slot', 'slots')} in use`)),
    h('div.pages', { role: 'group', 'aria-label': 'slots of the swap area' }, ...slots.map((row) => drawSlot(view, row))),
  );
}

/** @param {import('./view.js').View} view @param {any} row */
function drawSlot(view, row) {
  const item = `slot:${row.slot}`;
  const owner = Number(row.pid) > 0 ? `P${row.pid}` : '';
  return h(
    'button.file-page.slot',
    { type: 'button', 'data-key': item, 'data-item': item, class: `${processColour(row.pid)} ${view.marks(item)}`, title: `slot ${row.slot}: a page${owner && ` of ${owner}`}, named by ${counted(row.entries, 'entry', 'entries')}` },
    h('span.number', {}, String(row.slot)),
    h('span.where', {}, owner),
  );
}
