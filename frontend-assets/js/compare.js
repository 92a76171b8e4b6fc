/**
 * Two laboratories side by side: every command goes to both, and what differs is marked. The address names both, so
 * that a comparison can be passed on.
 */
import { whenResized } from './box-size.js';
import { Commands } from './commands.js';
import { membersOf } from './c-call.js';
import { changeWords, recordText } from './change-words.js';
import { COMPARED, parting, rowsThatDiffer, stepsOfItsOwn } from './differences.js';
import { fill, h, itemOf, one } from './dom.js';
import { asked, follow } from './follow.js';
import { give } from './give.js';
import { Keys } from './keys.js';
import { Lesson } from './lesson.js';
import { PaceOfBoth } from './pace-of-both.js';
import { foldBars, foldPopovers } from './popovers.js';
import { drawProcesses } from './panel-processes.js';
import { typeset } from './panel-story.js';
import { enter } from './roving.js';
import { counted, entryFlags, hex, Schema, write } from './schema.js';
import { Selection } from './selection.js';
import { themeToggle } from './theme.js';
import { View } from './view.js';
import { isLeaf, ppnOf } from './walk.js';

/** @typedef {'left'|'right'} Side */
const SIDES = /** @type {const} */ (['left', 'right']);
const MOST_STEPS = 400;
const MOST_ROWS = 60;

class ComparePage {
  /** @param {Record<Side, import('./laboratory.js').Laboratory>} labs */
  constructor(labs) {
    this.labs = labs;
    /** Both sides show what belongs to it, so that one and the same page is found on both. */
    this.selection = new Selection();
    this.views = { left: new View(labs.left, this.selection), right: new View(labs.right, this.selection) };
    this.commands = new Commands(one('#commands'), this.views.left);
    this.drawing = false;
    this.pace = new PaceOfBoth([labs.left, labs.right]);
    /** Up to where the logs are known to be alike, and whether they part right behind it. */
    this.parting = { at: 0, parted: false };
    for (const side of SIDES) {
      labs[side].addEventListener('change', () => this.draw());
      labs[side].addEventListener('beginning', () => (this.parting = { at: 0, parted: false }));
      labs[side].addEventListener('operation', () => this.#look());
    }
    one('#commands').addEventListener('submit', (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) this.#given(event.target);
    });
    new ResizeObserver(() => this.draw()).observe(document.body);
    whenResized(() => this.draw());
    themeToggle(/** @type {HTMLButtonElement} */ (one('#theme')), () => this.draw());
    this.keys = new Keys();
    const step = (/** @type {string} */ where) => () => {
      this.pace.step(where);
      one('#announcer').textContent = this.#where();
      this.draw();
    };
    this.keys.bind('one step back or on, on both sides', { ArrowLeft: step('back'), ArrowRight: step('next') });
    this.keys.bind('before the first step of the command, after its last', { Home: step('first'), End: step('last') });
    this.keys.bind('to the commands; arrows choose one', { c: () => this.commands.focus() });
    for (const button of document.querySelectorAll('[data-step]')) button.addEventListener('click', step(button.getAttribute('data-step') ?? ''));
    this.keys.bind('let go of the selection', { Escape: () => this.selection.clear() });
    one('#help-button').addEventListener('click', () => this.help());
    this.#selects();
    foldPopovers();
    foldBars();
  }

  #selects() {
    const { selection } = this;
    selection.addEventListener('highlight', () => this.draw());
    document.addEventListener('pointerover', ({ target }) => selection.hover(itemOf(target)));
    document.addEventListener('focusin', ({ target }) => selection.hover(itemOf(target)));
    for (const side of SIDES) {
      one(`#${side}`).addEventListener('click', ({ target }) => {
        const item = itemOf(target);
        if (item) selection.pin(item);
      });
      enter(one(`#${side}`), '.strip', '.page');
    }
  }

  help() {
    this.keys.tell(one('#help-keys'));
    /** @type {HTMLDialogElement} */ (one('#help')).showModal();
  }

  /** Where both stand, in words. */
  #where() {
    const { place, steps, commands } = this.pace;
    return place ? `command ${place.command + 1} of ${commands}, step ${place.step} of ${steps}` : 'the newest moment';
  }

  #drawPace() {
    const { place, commands } = this.pace;
    const isFirst = !place ? commands <= 0 : place.command === 0 && place.step === 0;
    for (const [where, disabled] of Object.entries({ first: isFirst, back: isFirst, next: !place, last: !place })) {
      /** @type {HTMLButtonElement} */ (one(`[data-step=${where}]`)).disabled = disabled;
    }
    one('.place').textContent = this.#where();
    const mode = one('#mode');
    mode.className = `mode ${place ? 'paused' : 'live'}`;
    mode.textContent = place ? 'PAUSED' : 'LIVE';
  }

  /** A process is looked at, so that the forms know what they are about. */
  #look() {
    const { selection } = this;
    const processes = this.labs.left.state.table('process');
    const first = processes.keys().next().value;
    if (!processes.has(selection.pid) && first !== undefined) selection.show(Number(first), selection.va);
  }

  /** @param {HTMLFormElement} form */
  async #given(form) {
    this.pace.live();
    /** @type {{do: string, path?: string}} */
    const command = { do: form.dataset.do ?? '', ...membersOf(form) };
    const file = form.querySelector('input[type=file]');
    try {
      this.#tell(file instanceof HTMLInputElement ? await this.#put(file, command) : await this.both(command, command));
    } catch (problem) {
      this.#tell({ verdict: /** @type {Error} */ (problem).message, why: '', bad: true });
    }
  }

  /** Puts a file on both sides. @param {HTMLInputElement} field @param {{path?: string}} where @returns {Promise<import('./give.js').Outcome>} */
  async #put(field, { path }) {
    const file = field.files?.[0];
    if (!file) throw new Error('no file was chosen');
    const at = (path ?? `/${file.name}`).split('/').map(encodeURIComponent).join('/');
    for (const side of SIDES) {
      const response = await fetch(`/api/v1/labs/${encodeURIComponent(this.labs[side].info.id)}/files${at}`, { method: 'PUT', body: file });
      if (!response.ok) throw new Error((await response.json()).detail);
    }
    return { verdict: `${counted(file.size, 'byte', 'bytes')} put`, why: 'on both sides', bad: false };
  }

  /** @param {import('./give.js').Outcome} outcome */
  #tell({ verdict, why, bad }) {
    fill(one('#answer'), h('div.answer', { class: bad ? 'refused' : '' }, h('p.verdict', {}, h('b', {}, verdict)), h('p.why', {}, why)));
  }

  /** Gives a command to each side, and says in one line what came of both. @param {any} left @param {any} right @returns {Promise<import('./give.js').Outcome>} */
  async both(left, right) {
    const [one, other] = await Promise.all([give(this.labs.left.info.id, left), give(this.labs.right.info.id, right)]);
    return one.verdict === other.verdict
      ? { ...one, why: `on both sides${one.why ? `: ${one.why}` : ''}` }
      : { verdict: `${one.verdict} | ${other.verdict}`, why: [one.why, other.why].filter(Boolean).join(' | '), bad: one.bad || other.bad };
  }

  /** @param {import('./lesson.js').Scenario} scenario */
  teach(scenario) {
    const others = scenario.beside?.commands ?? [];
    const lesson = new Lesson(one('#lesson'), scenario, (command, i) => this.both(command, others[i] ?? command));
    lesson.addEventListener('asked', () => this.pace.live());
    this.keys.bind('give the next command, go on', { r: () => lesson.next() });
  }

  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      // who is on the way to a moment asks again on arrival
      if (SIDES.every((side) => !this.labs[side].underway)) this.#drawNow();
    });
  }

  #drawNow() {
    this.#look();
    this.#drawPace();
    this.commands.refresh();
    const told = Object.fromEntries(SIDES.map((side) => [side, stepTexts(this.labs[side].story)]));
    for (const side of SIDES) this.#drawSide(side, told[side], told[side === 'left' ? 'right' : 'left']);
    this.#drawParting();
    this.#drawTables();
  }

  /** @param {Side} side @param {string[]} own @param {string[]} other */
  #drawSide(side, own, other) {
    const panel = one(`#${side}`);
    const view = this.views[side];
    view.refresh();
    const { story } = view;
    fill(one('.sentence', panel), ...typeset(story?.sentence ?? 'Nothing has happened here yet.'));
    drawProcesses(one('.compared-processes', panel), view);
    const alone = stepsOfItsOwn(own, other);
    fill(
      one('.compared-steps', panel),
      ...own.map((text, i) => {
        const actor = story?.steps[i].actor ?? 'KERNEL';
        const when = i + 1 === story?.position && !story.fresh ? 'current' : i < (story?.position ?? 0) ? '' : 'future';
        return h('li', { class: `${alone[i] ? 'differs' : ''} ${when}`, 'aria-current': when === 'current' ? 'step' : undefined }, h('b.actor', { class: actor.toLowerCase() }, actor), ' ', typeset(text), alone[i] ? h('span.visually-hidden', {}, ' (only here)') : null);
      }),
    );
  }

  /** The first change that is not the same on both sides. */
  #drawParting() {
    const { left, right } = this.labs;
    if (!this.parting.parted && left.history.start === 0 && right.history.start === 0) {
      this.parting = parting(left.history, right.history, this.parting.at);
    }
    const { at, parted } = this.parting;
    fill(
      one('#parting'),
      ...(parted
        ? [h('p', {}, `Up to record #${at - 1} both logs are the same. Record #${at}:`), ...SIDES.map((side) => h('p.part', {}, h('b', {}, `${side} `), ...this.#recordWords(side, at)))]
        : [h('p', {}, at ? `Both logs are the same, up to record #${at}.` : 'Nothing is known of the beginning of both logs.')]),
    );
  }

  /** @param {Side} side @param {number} at */
  #recordWords(side, at) {
    const record = this.labs[side].history.record(at);
    const isChange = record.type === 'INSERT' || record.type === 'UPDATE' || record.type === 'DELETE';
    return isChange ? changeWords(this.views[side], record) : [recordText(this.views[side], record)];
  }

  #drawTables() {
    const [left, right] = SIDES.map((side) => this.labs[side].state);
    const tables = COMPARED.map((table) => ({ table, rows: rowsThatDiffer(left, right, table) }));
    const differing = tables.filter(({ rows }) => rows.length);
    const sum = differing.reduce((count, { rows }) => count + rows.length, 0);
    one('#difference-count').textContent = sum ? `${sum} ${sum === 1 ? 'row differs' : 'rows differ'}` : 'no row differs';
    fill(one('#differences'), ...(sum ? differing.map((found) => drawTable(found, left, right)) : [h('p.empty', {}, 'All tables are the same on both sides.')]));
  }
}

/** @param {?import('./story.js').Story} story */
const stepTexts = (story) => (story ? story.steps.slice(0, MOST_STEPS).map((step) => story.text(step)) : []);

/** @param {{table: string, rows: import('./differences.js').Difference[]}} found @param {import('./state.js').State} left @param {import('./state.js').State} right */
function drawTable({ table, rows }, left, right) {
  const { columns } = left.schema.tables[left.schema.ordinal(table)];
  return h(
    'table.compared',
    { 'data-key': table },
    h('caption', {}, table, h('span.fact', {}, rows.length > MOST_ROWS ? ` ${MOST_ROWS} of ${rows.length} rows that differ` : ` ${rows.length}`)),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'row'), h('th', { scope: 'col' }, 'left'), h('th', { scope: 'col' }, 'right'))),
    h(
      'tbody',
      {},
      ...rows.slice(0, MOST_ROWS).map((row) =>
        h('tr', { 'data-key': row.key }, h('th', { scope: 'row' }, h('code', {}, nameOf(table, row))), drawRow(row, 'left', left, columns, table), drawRow(row, 'right', right, columns, table)),
      ),
    ),
  );
}

/** @param {string} table @param {import('./differences.js').Difference} row */
function nameOf(table, { key, left, right }) {
  const row = left ?? right ?? {};
  switch (table) {
    case 'pte':
      return `P${row.pid} ${hex(row.va)} L${row.level}`;
    case 'frame':
      return hex(row.ppn);
    case 'process':
      return `P${row.pid}`;
    case 'vma':
      return `P${row.pid} ${hex(row.start)}`;
    case 'cached_page':
      return `inode ${row.inode} page ${row.page}`;
    case 'descriptor':
      return `P${row.pid} fd ${row.fd}`;
    default:
      return key;
  }
}

/** @param {import('./differences.js').Difference} row @param {Side} side @param {import('./state.js').State} state @param {import('./schema.js').Column[]} columns @param {string} table */
function drawRow(row, side, state, columns, table) {
  const values = row[side];
  if (!values) return h('td.missing', {}, 'not there');
  const both = row.left !== null && row.right !== null;
  // Of a row that only one side has, what is not zero tells what it is.
  const told = columns.filter(({ name }) => (both ? row.columns.includes(name) : !NAMED.has(name) && Number(values[name]) !== 0));
  return h('td', { class: both ? '' : 'only' }, ...told.map(({ name, format }) => h('span.column', {}, `${name} `, h(both ? 'mark' : 'code', {}, valueText(table, name, format, values, state)), ' ')));
}

/** Columns that the row's name says. */
const NAMED = new Set(['ppn', 'pid', 'va', 'level', 'address', 'vma', 'start', 'row', 'fd']);

/** @param {string} table @param {string} name @param {import('./schema.js').Format} format @param {import('./state.js').Row} values @param {import('./state.js').State} state */
function valueText(table, name, format, values, state) {
  if (table !== 'pte' || name !== 'value') return write(values[name], format, state.strings);
  return isLeaf(values.value) ? `${hex(ppnOf(values.value))} ${entryFlags(values.value)}` : hex(values.value);
}

async function start() {
  const { left, right, scenario } = document.body.dataset;
  const schema = new Schema(await asked('/api/v1/schema'));
  const page = new ComparePage({ left: await follow(left ?? '', schema), right: await follow(right ?? '', schema) });
  page.commands.open('mmap');
  if (scenario) page.teach(await asked(`/api/v1/scenarios/${encodeURIComponent(scenario)}`));
  page.keys.bind('this help', { '?': () => page.help() });
  Object.assign(globalThis, { faultline: page });
}

start();
