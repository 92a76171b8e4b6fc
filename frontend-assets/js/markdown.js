/**
 * The Markdown that scenarios are written in, as elements: paragraphs, lists with `*` or `-`, **bold**, *italic* and
 * `code`. Whatever else there is stays text.
 */
import { h } from './dom.js';

/** What a text is made of; elements are made of it afterwards. @typedef {{kind: 'text'|'strong'|'em'|'code', text: string}} Piece */

const PIECE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;
const ITEM = /^[*-] /;

/** @param {string} line @returns {Piece[]} */
export function pieces(line) {
  /** @type {Piece[]} */
  const found = [];
  let end = 0;
  for (const match of line.matchAll(PIECE)) {
    if (match.index > end) found.push({ kind: 'text', text: line.slice(end, match.index) });
    const [whole, code, strong, em] = match;
    found.push(code !== undefined ? { kind: 'code', text: code } : strong !== undefined ? { kind: 'strong', text: strong } : { kind: 'em', text: em });
    end = match.index + whole.length;
  }
  if (end < line.length) found.push({ kind: 'text', text: line.slice(end) });
  return found;
}

/** Blocks of a text, each the lines of a list or one line. @param {string} text @returns {{list: boolean, lines: string[]}[]} */
export function blocks(text) {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => {
      const lines = block.split('\n').map((line) => line.trim());
      return ITEM.test(lines[0]) ? { list: true, lines: lines.map((line) => line.replace(ITEM, '')) } : { list: false, lines: [lines.join(' ')] };
    });
}

/** @param {string} line */
const drawLine = (line) => pieces(line).map(({ kind, text }) => (kind === 'text' ? text : h(kind, {}, text)));

/** @param {string} text @returns {import('./dom.js').Description[]} */
export function drawMarkdown(text) {
  return blocks(text).map(({ list, lines }) => (list ? h('ul', {}, ...lines.map((line) => h('li', {}, ...drawLine(line)))) : h('p', {}, ...drawLine(lines[0]))));
}
