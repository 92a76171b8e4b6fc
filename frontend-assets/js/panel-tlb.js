/** The rows of the TLB: which of them answers for the shown address, and which no longer say what the table says. */
import { fill, h, markLetters } from './dom.js';
import { hartOf } from './focus.js';
import { numeral } from './numerals.js';
import { entryFlags } from './schema.js';
import { processColour } from './owners.js';
import { pageOf } from './walk.js';

export class TlbRows {
  /** @param {HTMLElement} panel @param {HTMLElement} summary */
  constructor(panel, summary) {
    this.panel = panel;
    this.summary = summary;
    /** The address whose row answers, and the one whose row was brought into sight last. */
    this.wanted = '';
    this.shown = '';
  }

  /** @param {import('./view.js').View} view */
  draw(view) {
    this.wanted = drawRows(this.panel, this.summary, view);
  }

  /** Scrolls the row that answers into sight, where it is another. */
  reveal() {
    if (this.wanted === this.shown) return;
    this.shown = this.wanted;
    const row = /** @type {?HTMLElement} */ (this.panel.querySelector('tr.hit'));
    if (row) this.panel.scrollTop = Math.max(0, row.offsetTop - this.panel.clientHeight / 2);
  }
}

/** @param {HTMLElement} panel @param {HTMLElement} summary @param {import('./view.js').View} view @returns {string} which row answers for which address */
function drawRows(panel, summary, view) {
  const { state, selection, info } = view;
  const rows = state.rows('tlb').sort((a, b) => a.row - b.row);
  const harts = Math.max(state.rows('hart').length, 1);
  const owners = new Map(state.rows('process').map((process) => [process.asid, process.pid]));
  const page = pageOf(selection.va);
  const own = state.table('process').get(selection.pid)?.asid;
  const at = hartOf(state, selection.pid);
  const hit = rows.find((row) => pageOf(row.va) === page && row.asid === own && (row.hart ?? 0) === at);
  const sets = (info.tlb?.entries ?? 0) / (info.tlb?.ways ?? 1);
  const set = sets ? Number((selection.va >> 12n) % BigInt(sets)) : 0;
  fill(
    summary,
    `${rows.length} of ${info.tlb ? info.tlb.entries * harts : '?'} rows in use${harts > 1 ? ` on ${harts} harts` : ''}. `,
    own === undefined ? null : `This page belongs in set ${set}${harts > 1 ? ` of hart ${at}` : ''}: ${hit ? (hit.stale ? 'hit, but stale' : 'hit') : 'miss'}.`,
  );
  if (rows.length === 0) {
    fill(panel, h('p.empty', {}, 'Empty: the next access has to walk the tables.'));
    return '';
  }
  fill(
    panel,
    h(
      'table.tlb-rows',
      {},
      h('thead', {}, h('tr', {}, ...[...(harts > 1 ? ['hart'] : []), 'set', 'way', 'ASID', 'page', 'frame', 'flags', 'state'].map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, ...rows.map((row) => drawRow(view, row, row === hit, owners.get(row.asid), harts > 1))),
    ),
  );
  return `${own}:${page}:${hit?.row}`;
}

/** @param {import('./view.js').View} view @param {any} row @param {boolean} hit @param {number|undefined} pid @param {boolean} tellsHart */
function drawRow(view, row, hit, pid, tellsHart) {
  const item = `tlb:${row.row}`;
  const state = [hit && '◀ hit', row.stale ? 'stale' : '', row.level > 0 ? `L${row.level}` : ''].filter(Boolean).join(', ');
  return h(
    'tr',
    { 'data-key': item, 'data-item': item, tabindex: -1, class: `${view.marks(item)} ${row.stale ? 'stale' : ''} ${hit ? 'hit' : ''}` },
    tellsHart ? h('td', {}, String(row.hart)) : null,
    h('td', {}, String(row.set)),
    h('td', {}, String(row.way)),
    h('td', {}, String(row.asid), pid ? h('b.badge', { class: processColour(pid) }, `P${pid}`) : null),
    h('td', {}, h('code', {}, numeral(row.va))),
    h('td', {}, h('code', {}, numeral(row.ppn))),
    h('td', {}, h('code', {}, ...markLetters(entryFlags(row.flags), (_, place) => hit && place === view.failingBit))),
    h('td.tlb-state', {}, state),
  );
}
