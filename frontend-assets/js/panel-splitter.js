/** The bits of the shown address, split as the MMU splits them: an index for each level, and the offset in the page. */
import { fill, h } from './dom.js';
import { numeral } from './numerals.js';
import { indexOf } from './walk.js';

/** @param {HTMLElement} panel @param {import('./view.js').View} view */
export function drawSplitter(panel, view) {
  const { levels, translation } = view;
  if (!translation) {
    fill(panel, h('p.empty', {}, 'Once there is a process, its addresses are split here.'));
    return;
  }
  const { va, canonical, offset } = translation;
  const bits = 12 + 9 * levels;
  const fields = [drawField(canonical ? 'sign' : 'sign wrong', `bits 63–${bits}`, '', canonical ? `all ${(va >> 63n) & 1n}: fine` : 'not alike!')];
  for (let level = levels - 1; level >= 0; level--) {
    const index = indexOf(va, level);
    const low = 12 + 9 * level;
    fields.push(drawField(`vpn l${level}`, `VPN[${level}] ${low + 8}–${low}`, binary(index, 9), `= ${numeral(index)}`));
  }
  fields.push(drawField('offset', 'offset 11–0', binary(offset, 12), `= ${numeral(offset)}`));
  fill(panel, ...fields);
}

/** @param {string} kind @param {string} name @param {string} digits @param {string} value */
function drawField(kind, name, digits, value) {
  return h(
    'div.field',
    { class: kind },
    h('span.field-name', {}, name),
    digits && h('code.digits', {}, digits),
    h('span.field-value', {}, value),
  );
}

/** @param {number} value @param {number} width */
function binary(value, width) {
  return value.toString(2).padStart(width, '0');
}
