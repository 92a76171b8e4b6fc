/** Shows a laboratory of the server, as it goes on. */
import { asked, follow } from './follow.js';
import { one } from './dom.js';
import { LabPage } from './lab-page.js';
import { opened } from './opened.js';
import { Timeline } from './panel-timeline.js';
import { Schema } from './schema.js';

const { lab, scenario } = document.body.dataset;

const laboratory = await opened(asked('/api/v1/schema').then((schema) => follow(lab ?? '', new Schema(schema))));
if (laboratory) {
  const page = new LabPage(laboratory, new Timeline(one('#timeline'), laboratory));
  page.begin();
  if (scenario) page.teach(await asked(`/api/v1/scenarios/${encodeURIComponent(scenario)}`));
}
