/**
 * Everything about what is selected: the row of its table with every column in words, what set it last, and all that
 * belongs to it. Without a selection it tells of the frame of the shown address.
 */
import { changeWords } from './change-words.js';
import { fill, h } from './dom.js';
import { entriesByFrame, equation, label, words } from './owners.js';
import { hex, write } from './schema.js';
import { parse, related } from './selection.js';
import { isLeaf, pageOf } from './walk.js';

const MOST_RELATED = 60;
/** So far back the log is searched for the change that set a row. */
const FARTHEST = 20_000;

/** What items are called. @type {Record<string, string>} */
const NAMES = { va: 'page', entry: 'entry', frame: 'frame', page: 'file page', vma: 'VMA', tlb: 'TLB row', process: 'process', slot: 'swap slot', vsz: 'VSZ of P', rss: 'RSS of P', pss: 'PSS of P', uss: 'USS of P', tables: 'page tables of P' };

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawInspector(panel, view) {
  const { selection, translation } = view;
  const item = selection.pinned ?? selection.hovered ?? (translation?.ppn != null ? `frame:${translation.ppn}` : null);
  if (!item) {
    fill(panel, h('p.empty', {}, 'Click a frame, an entry, a page, a VMA or a TLB row: all about it stands here.'));
    return;
  }
  const { kind } = parse(item);
  const place = rowOf(view, item);
  const others = [...related(view.state, view.info, [item])].filter((other) => other !== item).slice(0, MOST_RELATED);
  fill(
    panel,
    h('h3', {}, title(view, item)),
    kind === 'frame' ? drawFrame(view, item) : null,
    place ? drawRow(view, place) : h('p.empty', {}, kind === 'frame' ? 'Free.' : 'No row of a table stands behind it.'),
    place ? drawOrigin(view, place) : null,
    others.length ? h('h3', {}, 'Belongs to it') : null,
    others.length ? h('ul.related', {}, ...others.map((other) => h('li', {}, h('button.quiet', { type: 'button', 'data-pin': other, 'data-item': other }, title(view, other))))) : null,
  );
}

/** The table and key of the row behind an item. @param {import('./view.js').View} view @param {string} item @returns {?{table: string, key: any, row: any}} */
function rowOf(view, item) {
  const { kind, parts } = parse(item);
  const { state } = view;
  let table = { entry: 'pte', frame: 'frame', page: 'cached_page', vma: 'vma', tlb: 'tlb', process: 'process', va: 'pte', slot: 'swap_slot' }[kind];
  let key = Number(parts[0]);
  if (kind === 'page') key = key * 2 ** 32 + Number(parts[1]);
  if (kind === 'va') {
    const va = BigInt('0x' + parts[1]);
    const leaf = state.rows('pte').find((entry) => entry.pid === key && isLeaf(entry.value) && pageOf(entry.va) === va);
    if (!leaf) return null;
    key = leaf.address;
  }
  const row = table ? state.table(table).get(key) : undefined;
  return table && row ? { table, key, row } : null;
}

/** @param {import('./view.js').View} view @param {string} item */
function title(view, item) {
  const { kind, parts } = parse(item);
  const name = NAMES[kind] ?? kind;
  if (kind === 'va') return `page 0x${parts[1]} of P${parts[0]}`;
  if (kind === 'process') return `P${parts[0]}`;
  if (kind === 'page') {
    const file = view.state.table('file').get(Number(parts[0]));
    return `page ${parts[1]} of ${file ? view.state.text(file.path) : `inode ${parts[0]}`}`;
  }
  if (kind === 'frame') {
    const frame = view.state.table('frame').get(Number(parts[0]));
    return `frame ${hex(Number(parts[0]))}${frame ? ` ${label(frame)}` : ''}`;
  }
  return `${name} ${kind === 'entry' ? hex(Number(parts[0])) : parts[0]}`;
}

/** Who maps a frame, and where. @param {import('./view.js').View} view @param {string} item */
function drawFrame(view, item) {
  const frame = view.state.table('frame').get(Number(item.slice(6)));
  if (!frame) return null;
  const mappings = (entriesByFrame(view.state).get(Number(frame.ppn)) ?? []).filter((entry) => isLeaf(entry.value));
  return [
    h('p', {}, `${words(view.state, frame)}. `, h('span.equation', {}, equation(frame))),
    mappings.length ? h('p', {}, 'Mapped at ', mappings.slice(0, MOST_RELATED).map((entry, i) => [i ? ', ' : '', h('code', {}, hex(entry.va)), ` of P${entry.pid}`])) : null,
  ];
}

/** @param {import('./view.js').View} view @param {{table: string, row: any}} place */
function drawRow(view, { table, row }) {
  const { columns } = view.schema.tables[view.schema.ordinal(table)];
  return h(
    'table.plain-table.row',
    {},
    h('caption.visually-hidden', {}, `row of table ${table}`),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, table), h('th', { scope: 'col' }, 'value'))),
    h('tbody', {}, ...columns.map(({ name, format }) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, h('code', {}, write(row[name], format, view.state.strings)))))),
  );
}

/** The change that set the row last, with a way to go there. @param {import('./view.js').View} view @param {{table: string, key: any}} place */
function drawOrigin(view, { table, key }) {
  const { history, at } = view.laboratory;
  const ordinal = view.schema.ordinal(table);
  for (const record of history.backwards(at, Math.max(history.start + 1, at - FARTHEST))) {
    if ((record.type === 'INSERT' || record.type === 'UPDATE') && record.ordinal === ordinal && record.key === key) {
      return h('p.origin', {}, 'Set last by ', h('button.quiet', { type: 'button', 'data-seek': record.sequence }, `#${record.sequence}`), ' ', ...changeWords(view, record));
    }
  }
  return null;
}
