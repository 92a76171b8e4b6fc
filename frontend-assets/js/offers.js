/**
 * What the forms offer: a field names the value that stands in it to begin with, by what the page knows it as, or says
 * the value itself. An offer gives way to what a person has typed, until that person chooses something else to look at.
 */
import { hex } from './schema.js';
import { vmaAt } from './spaces.js';

const PAGE = 4096;
const TWO_PAGES = 8192;

/** @param {import('./view.js').View} view @param {HTMLFormElement} form @returns {Record<string, string>} */
function known({ state, selection }, form) {
  const vma = vmaAt(state, selection.va, selection.pid);
  const process = state.table('process').get(selection.pid);
  const fd = form.elements.namedItem('fd');
  const descriptor = fd instanceof HTMLSelectElement && state.rows('descriptor').find((row) => row.pid === selection.pid && String(row.fd) === fd.value);
  const file = descriptor && state.table('file').get(descriptor.inode);
  return {
    selection: hex(selection.va),
    'vma.start': hex(vma ? vma.start : selection.va),
    'vma.length': String(vma ? Number(vma.end) - Number(vma.start) : PAGE),
    'file.length': String((file && Number(file.size)) || TWO_PAGES),
    'selection.vector': `${hex(selection.va)}+16`,
    'process.other': String(state.rows('process').find(({ pid }) => pid !== selection.pid)?.pid ?? selection.pid),
    'brk.next': process ? hex(Number(process.brk) + PAGE) : '',
  };
}

/** Fills in what a form offers. @param {import('./view.js').View} view @param {HTMLFormElement} form @param {boolean} asked a person chose something else just now @returns {boolean} whether that is other than before */
export function offer(view, form, asked) {
  let isOther = false;
  const values = known(view, form);
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('input[data-offer]'))) {
    const name = field.dataset.offer ?? '';
    const value = values[name] ?? name;
    const untouched = field.value === (field.dataset.offered ?? '');
    const follows = asked && (name === 'selection' || name.startsWith('vma.'));
    if (!(untouched || follows) || document.activeElement === field || (field.value === value && field.dataset.offered === value)) continue;
    field.value = value;
    field.dataset.offered = value;
    isOther = true;
  }
  return isOther;
}
