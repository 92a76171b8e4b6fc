/**
 * Lines from what is selected to the frames behind it: from the page in each process's strip, and from the file's page, to
 * the cell of the frame. Who shares a frame is seen by lines that meet, and a copy on write by a line that moves. They are
 * drawn for the selection alone.
 */
import { h, fill } from './dom.js';
import { processColour } from './owners.js';
import { parse } from './selection.js';
import { leavesByProcess } from './spaces.js';
import { ppnOf } from './walk.js';

const MOST = 32;
/** Below this width the panels stand below each other. */
const STACKED = 900;

export class Sharing {
  /** @param {HTMLElement} panels @param {import('./panel-frames.js').FrameMap} frames */
  constructor(panels, frames) {
    this.panels = panels;
    this.frames = frames;
    this.lines = h('svg.sharing', { 'aria-hidden': true });
    panels.append(this.lines);
  }

  /** @param {import('./view.js').View} view */
  draw(view) {
    const origin = this.panels.getBoundingClientRect();
    const paths = view.selection.item && innerWidth >= STACKED ? this.#ends(view).slice(0, MOST) : [];
    fill(
      this.lines,
      ...paths.flatMap(({ element, ppn, colour }) => {
        const to = this.frames.placeOf(ppn);
        const from = seen(element);
        if (!from || !to) return [];
        const isLeft = from.right < to.left;
        const [x1, y1] = [(isLeft ? from.left + from.width / 2 : from.left) - origin.left, (isLeft ? from.bottom : from.top) - origin.top];
        const [x2, y2] = [to.left + to.width / 2 - origin.left, to.bottom - origin.top];
        const bend = isLeft ? `${x1} ${y1 + 60} ${x2 - 40} ${y2 + 60}` : `${x1} ${y1 - 20} ${x2} ${y2 + 30}`;
        return [h('path', { class: colour, d: `M${x1} ${y1} C${bend} ${x2} ${y2}` }), h('circle', { class: colour, cx: x2, cy: y2, r: 3 })];
      }),
    );
  }

  /** What is lit on the screen and has a frame. @param {import('./view.js').View} view @returns {{element: Element, ppn: number, colour: string}[]} */
  #ends(view) {
    const ends = [];
    for (const item of view.lit) {
      const { kind, parts } = parse(item);
      if (kind !== 'va' && kind !== 'page') continue;
      const element = document.querySelector(`#processes .page[data-item="${item}"], #files [data-item="${item}"]`);
      const ppn = kind === 'va' ? mapped(view, Number(parts[0]), Number(`0x${parts[1]}`)) : cached(view, Number(parts[0]), Number(parts[1]));
      if (element && ppn !== undefined && view.lit.has(`frame:${ppn}`)) ends.push({ element, ppn, colour: kind === 'va' ? processColour(Number(parts[0])) : 'file' });
    }
    return ends;
  }
}

/** @param {import('./view.js').View} view @param {number} pid @param {number} va */
function mapped({ state }, pid, va) {
  const entry = leavesByProcess(state).get(pid)?.get(va);
  return entry && ppnOf(entry.value);
}

/** @param {import('./view.js').View} view @param {number} inode @param {number} page @returns {number|undefined} */
function cached({ state }, inode, page) {
  const row = state.table('cached_page').get(inode * 2 ** 32 + page);
  return row && Number(row.ppn);
}

/** The place of an element that is not scrolled out of its panel. @param {Element} element */
function seen(element) {
  const place = element.getBoundingClientRect();
  const panel = element.closest('.body')?.getBoundingClientRect();
  return panel && place.bottom > panel.top && place.top < panel.bottom ? place : null;
}
