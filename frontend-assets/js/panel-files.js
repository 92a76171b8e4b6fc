/**
 * Files as strips of pages: which of them are in the page cache and in which frame, and detached below them the private
 * copies that processes have made.
 */
import { fill, h } from './dom.js';
import { findMaking, madeAt } from './made-at.js';
import { counted, hex } from './schema.js';
import { copiesByPage, label, processColour } from './owners.js';
import { drawSwap } from './panel-swap.js';
import { PAGE } from './walk.js';

const MOST_UNCACHED = 24;

/**
 * All files but the kernel's own, such as [vdso], while nobody maps them.
 *
 * @param {import('./state.js').State} state
 */
export function filesToShow(state) {
  const mapped = new Set(state.rows('vma').map((vma) => Number(vma.inode)));
  return state.rows('file').filter((file) => mapped.has(Number(file.inode)) || !state.text(file.path).startsWith('['));
}

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawFiles(panel, view) {
  const files = filesToShow(view.state).sort((a, b) => Number(a.inode) - Number(b.inode));
  /** @type {Map<number, Map<number, any>>} */
  const cached = new Map();
  for (const row of view.state.table('cached_page').values()) {
    const inode = Number(row.inode);
    const pages = cached.get(inode) ?? new Map();
    cached.set(inode, pages.set(Number(row.page), row));
  }
  const none = files.length ? null : h('p.empty', {}, 'No file yet. ', h('span.how', {}, 'Put one above: it lies on disk until a page of it is asked for.'));
  fill(panel, none, ...files.map((file) => drawFile(view, file, cached.get(Number(file.inode)) ?? new Map())), drawSwap(view));
}

/** @param {import('./view.js').View} view @param {any} file @param {Map<number, any>} cached */
function drawFile(view, file, cached) {
  const pages = Math.ceil(Number(file.size) / PAGE);
  const copies = [...copiesByPage(view.state).entries()]
    .filter(([page]) => page.startsWith(`${file.inode}:`))
    .flatMap(([, frames]) => frames)
    .sort((a, b) => Number(a.page) - Number(b.page));
  findMaking(view, 'frame', new Map(copies.map((copy) => [copy.ppn, copy])));
  return h(
    'section.file',
    { 'data-key': `file${file.inode}` },
    h(
      'header',
      {},
      h('b.badge.file', {}, `F${file.inode}`),
      h('span.name', {}, view.state.text(file.path)),
      h('span.fact', {}, `${Number(file.size).toLocaleString('en')} ${Number(file.size) === 1 ? 'byte' : 'bytes'}, ${cached.size} of ${counted(pages, 'page', 'pages')} cached`),
      Number(file.links) === 0 ? h('span.tag', {}, 'no name left') : null,
    ),
    h('div.pages', { role: 'group', 'aria-label': `pages of ${view.state.text(file.path)}` }, ...drawPages(view, file, pages, cached)),
    copies.length ? h('ul.copies', {}, ...copies.map((frame) => drawCopy(view, frame))) : null,
  );
}

/** @param {import('./view.js').View} view @param {any} file @param {number} pages @param {Map<number, any>} cached */
function drawPages(view, file, pages, cached) {
  const cells = [];
  const fold = pages > MOST_UNCACHED * 2;
  let skipped = 0;
  const flush = () => {
    if (skipped) cells.push(h('span.skipped', {}, `⋯ ${skipped} not cached ⋯`));
    skipped = 0;
  };
  for (let page = 0; page < pages; page++) {
    const row = cached.get(page);
    const wanted = row || !fold || page < 4 || view.changed.has(`page:${file.inode}:${page}`) || view.lit.has(`page:${file.inode}:${page}`);
    if (!wanted) {
      skipped++;
      continue;
    }
    flush();
    cells.push(drawPage(view, file, page, row));
  }
  flush();
  return cells;
}

/** @param {import('./view.js').View} view @param {any} file @param {number} page @param {any} row */
function drawPage(view, file, page, row) {
  const item = `page:${file.inode}:${page}`;
  const words = row ? `in frame ${hex(row.ppn)}${row.dirty ? ', dirty' : ''}` : 'not in the page cache';
  return h(
    'button.file-page',
    {
      type: 'button',
      'data-key': item,
      'data-item': item,
      class: `${row ? 'cached' : 'uncached'} ${row?.dirty ? 'dirty' : ''} ${view.marks(item)}`,
      title: `page ${page}: ${words}`,
      // what is seen comes first, for those who speak it to press it
      'aria-label': row ? `page ${page} ${hex(row.ppn)}, its frame${row.dirty ? ', dirty' : ''}` : `page ${page}, not in the page cache`,
    },
    h('span.number', {}, String(page)),
    ' ',
    h('span.where', {}, row ? hex(row.ppn) : '–'),
  );
}

/** @param {import('./view.js').View} view @param {any} frame */
function drawCopy(view, frame) {
  const made = madeAt(frame);
  const item = `frame:${frame.ppn}`;
  return h(
    'li',
    { 'data-key': item },
    h(
      'button.copy',
      { type: 'button', 'data-item': item, class: `${processColour(frame.pid)} ${view.marks(item)}` },
      h('b', {}, label(frame)),
      h('code', {}, ` ${hex(frame.ppn)} `),
      `copied from page ${frame.page}`,
      Number(frame.origin) > 0 ? ` (${hex(frame.origin)})` : '',
      made ? h('span.when', {}, ` at #${made}`) : null,
    ),
  );
}
