/**
 * Shows a recording: the server's by ranges of its bytes, or the one that a saved page has in it. Its timeline is painted
 * as soon as the index is there, by as few modules as that takes; all others come after it.
 */
import { one } from './dom.js';
import { opened } from './opened.js';
import { readPalette } from './palette.js';
import { Timeline } from './panel-timeline.js';
import { replay } from './recorded.js';
import { bufferSource, rangeSource } from './recording-bytes.js';
import { wearTheme } from './theme.js';

async function open() {
  const saved = document.querySelector('#saved-recording')?.textContent;
  if (saved) return replay(bufferSource(Uint8Array.from(atob(saved), (letter) => letter.charCodeAt(0))));
  return replay(await rangeSource(new URL(document.body.dataset.recording ?? '', location.origin).href));
}

const laboratory = await opened(open());
if (laboratory) {
  wearTheme();
  readPalette();
  const timeline = new Timeline(one('#timeline'), laboratory);
  timeline.again();
  const later = document.querySelector('template#later');
  if (later instanceof HTMLTemplateElement) document.head.append(later.content);
  const { LabPage } = await import('./lab-page.js');
  new LabPage(laboratory, timeline).begin();
}
