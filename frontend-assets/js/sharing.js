/**
 * Lines from what is selected to the frames behind it: from the page in each process's strip, and from the file's page, to
 * the cell of the frame. Who shares a frame is seen by lines that meet, and a copy on write by a line that moves. They are
 * drawn for the selection alone.
 */
import { isStacked } from './box-size.js';
import { create, fill, h } from './dom.js';
import { entriesByFrame, FILE, processColour, TABLE } from './owners.js';
import { parse, vaItem } from './selection.js';
import { isLeaf } from './walk.js';

const MOST = 32;

export class Sharing {
  /** @param {HTMLElement} panels @param {import('./panel-frames.js').FrameMap} frames */
  constructor(panels, frames) {
    this.panels = panels;
    this.frames = frames;
    this.lines = create(h('svg.sharing', { 'aria-hidden': true }));
    panels.append(this.lines);
  }

  /** @param {import('./view.js').View} view */
  draw(view) {
    const paths = view.selection.item && !isStacked() ? this.#ends(view) : [];
    if (paths.length === 0) {
      fill(this.lines);
      return;
    }
    const origin = this.panels.getBoundingClientRect();
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

  /** All that stands for the frames that are lit: the pages that map them, and the file's page. @param {import('./view.js').View} view @returns {{element: Element, ppn: number, colour: string}[]} */
  #ends({ state, lit }) {
    const ends = [];
    for (const item of lit) {
      const { kind, parts } = parse(item);
      const ppn = Number(parts[0]);
      const frame = kind === 'frame' ? state.table('frame').get(ppn) : null;
      if (!frame || frame.kind === TABLE) continue;
      for (const entry of entriesByFrame(state).get(ppn) ?? []) {
        const element = isLeaf(entry.value) && document.querySelector(`#processes .page[data-item="${vaItem(entry.pid, entry.va)}"]`);
        if (element) ends.push({ element, ppn, colour: processColour(entry.pid) });
        if (ends.length === MOST) return ends;
      }
      const page = frame.kind === FILE && document.querySelector(`#files [data-item="page:${frame.inode}:${frame.page}"]`);
      if (page) ends.push({ element: page, ppn, colour: 'file' });
    }
    return ends;
  }
}

/** The place of an element that is not scrolled out of its panel. @param {Element} element */
function seen(element) {
  const place = element.getBoundingClientRect();
  const panel = element.closest('.body')?.getBoundingClientRect();
  return panel && place.bottom > panel.top && place.top < panel.bottom ? place : null;
}
