/**
 * The page of one laboratory: makes its parts and wires them. The stream moves the laboratory, the selection and the
 * story's position say what to look at, and everything on the screen is drawn again from those, once a frame.
 */
import { tellProblems } from './answers.js';
import { isStacked, whenResized } from './box-size.js';
import { Commands } from './commands.js';
import { choice, fill, h, itemOf, one, reveal } from './dom.js';
import { Drawing } from './drawing.js';
import { addressOf, stepAddress } from './focus.js';
import { give } from './give.js';
import { itemAddress } from './item-address.js';
import { Keys } from './keys.js';
import { Lesson } from './lesson.js';
import { writeIn } from './numerals.js';
import { Pace } from './pace.js';
import { choosePanels } from './panel-choice.js';
import { ChangeList } from './panel-changes.js';
import { Code } from './panel-code.js';
import { drawFiles } from './panel-files.js';
import { FrameMap } from './panel-frames.js';
import { drawInspector } from './panel-inspector.js';
import { ProcText } from './panel-proc.js';
import { drawPresenter } from './panel-presenter.js';
import { drawProcesses } from './panel-processes.js';
import { drawSplitter } from './panel-splitter.js';
import { drawLight, drawStepChanges } from './panel-step.js';
import { Strace } from './panel-strace.js';
import { StoryPanel, drawStepNow } from './panel-story.js';
import { drawArrows, drawTables, entryUnder } from './panel-tables.js';
import { Terminal } from './panel-terminal.js';
import { TlbRows } from './panel-tlb.js';
import { refusal } from './opened.js';
import { drawReplayBar, listenToReplayBar } from './panel-replay.js';
import { readPalette } from './palette.js';
import { Places } from './places.js';
import { foldBars, foldPopovers } from './popovers.js';
import { Presenter } from './presenter.js';
import { Permalink } from './permalink.js';
import { Prediction } from './prediction.js';
import { enter } from './roving.js';
import { hex } from './schema.js';
import { Selection } from './selection.js';
import { Sharing } from './sharing.js';
import { countedPages, hasEnded, leavesByProcess } from './spaces.js';
import { Tabs } from './tabs.js';
import { themeToggle } from './theme.js';
import { View } from './view.js';

const PINNED_BY_CLICK = '#processes, #tables, #tlb, #frames, #frame-overview, #frame-list, #files, #inspector';

const MODES = {
  live: 'every change arrives as it happens',
  paused: 'the newest story, stopped before its end',
  replay: 'an earlier moment: what comes meanwhile is kept',
};

export class LabPage {
  /** @param {import('./laboratory.js').Laboratory} laboratory @param {import('./panel-timeline.js').Timeline} timeline of it, which may be there before the rest */
  constructor(laboratory, timeline) {
    this.laboratory = laboratory;
    this.selection = new Selection();
    this.view = new View(laboratory, this.selection);
    /** There are none where nobody can act. */
    this.commands = document.querySelector('#commands form') ? new Commands(one('#commands'), this.view) : null;
    this.frames = new FrameMap(one('#frames'), one('#frame-overview'), one('#frame-detail'), one('#frame-list'), () => this.drawing.now());
    this.story = new StoryPanel(one('#story'), () => this.drawing.now());
    this.tlb = new TlbRows(one('#tlb'), one('#tlb-summary'));
    this.sharing = new Sharing(one('main.panels'), this.frames);
    this.timeline = timeline;
    this.prediction = new Prediction(one('#question'), laboratory);
    this.pace = new Pace(laboratory, this.prediction, this.timeline);
    this.play = this.pace.play;
    this.permalink = new Permalink(laboratory, this.selection, () => this.play.playing);
    this.places = new Places(this.view, this.timeline, { pin: (item) => item !== this.selection.pinned && this.#pin(item), say: (sentence) => this.#say(sentence) });
    this.keys = new Keys();
    const changes = new ChangeList(one('#changes'), this.view);
    /** How the tab that is open is drawn. @type {Record<string, () => void>} */
    this.details = {
      step: () => drawStepChanges(one('#step'), this.view),
      changes: () => changes.draw(),
      inspector: () => drawInspector(one('#inspector'), this.view),
    };
    if (!laboratory.recorded) {
      // the text of /proc, the code and what programs write are no part of the log: only a live laboratory can be asked for them
      const proc = new ProcText(one('#proc'), this.view);
      const code = new Code(one('#code'), this.view);
      const terminal = new Terminal(one('#terminal'), this.view);
      const strace = new Strace(one('#strace'), this.view, terminal);
      Object.assign(this.details, { proc: () => proc.draw(), code: () => code.draw(), terminal: () => terminal.draw(), strace: () => strace.draw() });
    }
    if (!laboratory.recorded) {
      const watches = document.body.classList.contains('watching');
      drawPresenter(new Presenter(laboratory, this.selection, watches), (sentence) => this.#say(sentence));
    }
    this.tabs = new Tabs(one('#details'), () => this.drawing.now());
    /** @type {import('./panel-tables.js').Shape} */
    this.shape = 'rows';
    this.reveal = false;
    this.drawing = new Drawing(() => this.#prepare(), this.#panels(), () => this.#drawBetween());
    this.#listen();
    this.showPanel = choosePanels(one('main.panels'), () => {
      // what was hidden had nothing that could be scrolled into sight
      this.reveal = true;
      this.drawing.now();
    });
  }

  #listen() {
    const { laboratory, selection } = this;
    this.tabs.show('step');
    laboratory.addEventListener('change', () => this.drawing.soon());
    laboratory.addEventListener('operation', () => this.#told());
    this.#predicts();
    laboratory.addEventListener('moved', () => this.#moved());
    for (const event of ['address', 'highlight']) selection.addEventListener(event, () => this.drawing.now());
    document.addEventListener('pointerover', (event) => selection.hover(this.#under(event)));
    document.addEventListener('pointermove', (event) => {
      if (event.target instanceof HTMLCanvasElement) selection.hover(this.#under(event));
    });
    document.addEventListener('focusin', (event) => selection.hover(itemOf(event.target)));
    document.addEventListener('click', (event) => this.#clicked(event));
    foldPopovers();
    foldBars();
    tellProblems(one('#answer'));
    document.body.addEventListener('htmx:beforeRequest', () => {
      this.play.stop();
      laboratory.goLive();
    });
    new ResizeObserver(() => this.drawing.soon()).observe(document.body);
    whenResized(() => this.drawing.soon());
    document.addEventListener('scroll', () => this.sharing.draw(this.view), { capture: true, passive: true });
    one('#address-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#go();
    });
    one('#shown-pid').addEventListener('change', () => this.#go());
    one('#hold').addEventListener('click', () => selection.hold(!selection.held));
    one('#go-live').addEventListener('click', () => (laboratory.following ? laboratory.pause() : laboratory.goLive()));
    one('#copy-link').addEventListener('click', () => this.#copyLink());
    listenToReplayBar(laboratory, () => this.#branch());
    choice('data-shape', (shape) => {
      this.shape = /** @type {import('./panel-tables.js').Shape} */ (shape);
      this.drawing.now();
    });
    choice('data-base', (base) => {
      writeIn(/** @type {import('./numerals.js').Base} */ (base));
      this.drawing.now();
    });
    themeToggle(/** @type {HTMLButtonElement} */ (one('#theme')), () => {
      readPalette();
      this.drawing.now();
    });
    addEventListener('resize', readPalette);
    enter(one('#processes'), '.strip', '.page');
    enter(one('#tables'), '.entries', 'tr');
    enter(one('.tlb'), '#tlb', 'tbody tr');
    enter(one('.panel-frames'), '#frame-list', 'tbody tr');
    this.#bind();
  }

  #bind() {
    const { keys, selection } = this;
    this.pace.bind(keys);
    this.places.bind(keys);
    keys.bind('predict: each step is asked about before it is shown; 1 to 4 answer, → goes on', { p: () => this.#togglePrediction() });
    if (this.commands) keys.bind('to the commands; arrows choose one', { c: () => this.commands?.focus() });
    if (document.querySelector('#branch')) keys.bind('branch: a laboratory of its own that goes on from the end of a command', { b: () => this.#branch() });
    keys.bind('leave a field, let go of the selection', {
      Escape: () => {
        selection.clear();
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      },
    });
    keys.bind('this help', { '?': () => this.#help() });
    one('#help-button').addEventListener('click', () => this.#help());
  }

  #predicts() {
    const { prediction, laboratory } = this;
    prediction.addEventListener('change', () => {
      if (prediction.question) this.#say(prediction.question.ask);
      this.drawing.now();
    });
    prediction.addEventListener('answered', (event) => {
      if (prediction.question?.key.startsWith('step')) laboratory.moveBy(1);
      this.#say(/** @type {CustomEvent} */ (event).detail);
    });
    one('#predict').addEventListener('click', () => this.#togglePrediction());
  }

  #togglePrediction() {
    this.play.stop();
    this.prediction.toggle();
    if (this.prediction.on) this.showPanel(one('#story'));
    one('#predict').setAttribute('aria-pressed', String(this.prediction.on));
    this.drawing.now();
  }

  /** Shows what has come before the page was there, and goes on from it. */
  begin() {
    this.commands?.open('mmap');
    if (this.laboratory.story?.outcome) this.#told();
    this.drawing.soon();
    if (location.search) this.visit();
    // For those who open the console: the state at any moment is faultline.laboratory.seek(...) away.
    Object.assign(globalThis, { faultline: this });
  }

  /** Goes where the page's address says, as soon as there is something to look at. */
  visit() {
    const { laboratory } = this;
    const { history, info } = laboratory;
    if (laboratory.condition !== 'live' || history.head < Math.max(1, info.head ?? 0)) {
      laboratory.addEventListener('change', () => this.visit(), { once: true });
      return;
    }
    const wrong = this.permalink.restore();
    if (wrong) {
      fill(one('#answer'), refusal('The link', wrong));
      this.#say(wrong);
    }
  }

  /** Takes a scenario through its commands. @param {import('./lesson.js').Scenario} scenario */
  teach(scenario) {
    const { laboratory, selection } = this;
    const lesson = new Lesson(one('#lesson'), scenario, (command) => give(laboratory.info.id, command));
    lesson.addEventListener('asked', () => {
      this.play.stop();
      laboratory.goLive();
    });
    lesson.addEventListener('given', () => {
      const { step } = lesson;
      if (step?.tab) this.tabs.show(step.tab);
      if (step?.look) selection.show(step.look.pid, BigInt(step.look.address));
      this.drawing.now();
    });
    one('#lesson').addEventListener('click', ({ target }) => {
      const moment = target instanceof Element ? target.closest('[data-moment]')?.getAttribute('data-moment') : null;
      if (moment) this.#toMoment(moment);
    });
    this.keys.bind('in a scenario: give the next command, go on', { r: () => lesson.next() });
    this.lesson = lesson;
  }

  /** To the newest story's last step of a kind. @param {string} kind */
  #toMoment(kind) {
    this.laboratory.goLive();
    const story = this.laboratory.story;
    const place = story?.steps.findLastIndex((step) => step.kind?.name === kind) ?? -1;
    if (place >= 0) this.laboratory.moveTo(place + 1);
  }

  async #copyLink() {
    const { link } = this.permalink;
    try {
      await navigator.clipboard.writeText(link);
      this.#say('The link is copied');
      one('#copy-link').textContent = 'copied';
      setTimeout(() => (one('#copy-link').textContent = 'copy link'), 2000);
    } catch {
      // without a secure connection, or a leave to write there, the reader copies it
      prompt('The link to this moment', link);
    }
  }

  /** A branch begins where a command ends: this one's end where it is shown, else the end of the one before. */
  #branchingAt() {
    const { laboratory } = this;
    const { story, history, at } = laboratory;
    if (laboratory.following || !story) return at;
    return story.outcome && at >= story.last ? story.last : Math.max(history.start, story.operation.sequence - 1);
  }

  #branch() {
    const form = document.querySelector('#branch');
    const button = form?.querySelector('button');
    if (button?.disabled) this.#say(button.title);
    else if (form instanceof HTMLFormElement) form.requestSubmit();
  }

  #help() {
    this.keys.tell(one('#help-keys'));
    /** @type {HTMLDialogElement} */ (one('#help')).showModal();
  }

  /** A new story was told: its address becomes the shown one. */
  #told() {
    const { story } = this.laboratory;
    const { whole } = this.drawing;
    if (!story) return;
    const about = addressOf(story);
    const pid = Number(story.kind.name === 'SPAWN' ? story.operationArgument('pid') : (about?.pid ?? 0));
    if (!this.selection.held) {
      this.selection.clear();
      if (about) this.selection.show(about.pid, about.va);
      else if (pid) this.selection.show(pid, this.selection.va);
    }
    this.#settle();
    const moved = this.#moveOn();
    // nobody chose what is selected now
    this.drawing.whole = whole;
    one('.moved-on').textContent = moved;
    this.reveal = true;
    if (this.prediction.on) this.prediction.begin();
    else this.#say((moved && `${moved}. `) + story.sentence + (story.outcome?.signal ? `. ${story.outcome.signal} ${story.outcome.code}. ${story.why}` : ''));
  }

  /** There is always a process to look at while there is one at all. */
  #settle() {
    const processes = this.laboratory.state.table('process');
    if (!processes.has(this.selection.pid) && processes.size) {
      this.selection.show(Number(processes.keys().next().value), this.selection.va);
    }
  }

  /** From a process that has ended to its parent, or to whichever lives. @returns {string} what is to be said of it */
  #moveOn() {
    const { selection, view } = this;
    const ended = view.state.table('process').get(selection.pid);
    if (!ended || !hasEnded(view.schema, ended)) return '';
    const living = view.state.rows('process').filter((process) => !hasEnded(view.schema, process));
    const next = living.find((process) => process.pid === ended.parent) ?? living[0];
    if (!next) return `P${ended.pid} has ended`;
    selection.show(next.pid, selection.va);
    return `P${ended.pid} has ended: P${next.pid} is shown`;
  }

  /** The reader went to another step. */
  #moved() {
    const { story } = this.laboratory;
    this.reveal = true;
    this.drawing.whole = true;
    if (!story) return;
    const step = story.current;
    const va = stepAddress(story, step);
    const pid = Number(story.operationArgument('pid') ?? 0);
    if (va !== null && pid && !this.selection.held && step?.kind?.actor !== 'KERNEL') this.selection.show(pid, va);
    if (!this.pace.isFast) this.#say(step ? `${step.actor} ${story.text(step)}` : 'Before the first step');
  }

  /** @param {string} sentence */
  #say(sentence) {
    one('#announcer').textContent = sentence;
  }

  /** @param {PointerEvent|MouseEvent} event */
  #under(event) {
    return this.frames.under(event) ?? entryUnder(event) ?? itemOf(event.target);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const moment = target.closest('[data-goto], [data-seek], [data-play-to]');
    if (moment) {
      const step = moment.getAttribute('data-goto');
      const until = moment.getAttribute('data-play-to') ?? (event.shiftKey ? step : null);
      if (until) this.pace.playTo(Number(until));
      else if (step) this.laboratory.moveTo(Number(step));
      else this.laboratory.seek(Number(moment.getAttribute('data-seek')), 'change');
      const changed = moment.closest('.log [data-item]') && itemOf(moment);
      if (changed && changed !== this.selection.pinned) this.#pin(changed);
      return;
    }
    if (!target.closest(PINNED_BY_CLICK)) return;
    const item = this.#under(event);
    if (item) this.#pin(item);
  }

  /** @param {string} item */
  #pin(item) {
    this.selection.pin(item);
    const address = itemAddress(this.laboratory.state, item, this.selection);
    if (address) this.selection.show(address.pid, address.va);
    this.frames.reveal([item]);
    this.commands?.refresh(true);
  }

  /** Shows the address that was typed. */
  #go() {
    const field = /** @type {HTMLInputElement} */ (one('#address'));
    try {
      const va = BigInt(field.value.trim());
      field.setCustomValidity('');
      this.selection.show(Number(/** @type {HTMLSelectElement} */ (one('#shown-pid')).value), BigInt.asUintN(64, va));
      this.commands?.refresh(true);
    } catch {
      field.setCustomValidity('An address: 0x and hex digits, or a decimal number');
      field.reportValidity();
    }
  }

  /** False on the way to a moment: what lies between is nobody's. */
  #prepare() {
    if (this.laboratory.underway) return false;
    this.#settle();
    this.view.refresh();
    return true;
  }

  /** What is drawn, in this order. */
  #panels() {
    const { view } = this;
    return [
      () => this.#drawHead(),
      () => this.#drawStory(),
      () => this.commands?.refresh(),
      // where nothing comes meanwhile, what panels ask of tens of thousands of pages is worked out in frames of its own
      () => this.laboratory.following || leavesByProcess(view.state),
      () => this.laboratory.following || countedPages(view.state),
      () => drawProcesses(one('#processes'), view),
      () => drawSplitter(one('#splitter'), view),
      () => drawTables(one('#tables'), view, this.shape),
      () => this.tlb.draw(view),
      () => this.frames.draw(view),
      () => drawFiles(one('#files'), view),
      () => this.timeline.draw(),
      () => this.details[this.tabs.open](),
    ];
  }

  #drawStory() {
    const { view } = this;
    const { hides } = this.prediction;
    document.body.classList.toggle('predicting', hides);
    this.story.draw(view, hides);
    drawLight(one('#story .light'), view);
    if (isStacked()) drawStepNow(one('#step-now'), view.story, hides);
    this.pace.draw();
  }

  /** What lies between panels, or moves them to what changed: it asks where things stand. */
  #drawBetween() {
    const { view } = this;
    drawArrows(one('#tables'), view, this.shape);
    this.tlb.reveal();
    if (this.reveal) this.#revealChanges();
    this.reveal = false;
    this.sharing.draw(view);
  }

  /** Panels scroll to what the step, or the new story, is about. */
  #revealChanges() {
    const { view } = this;
    this.story.reveal(view.story?.fresh ?? true);
    // where panels are stacked, the tables lie below each other and scroll too
    for (const box of ['#processes', '#files', '#tlb', ...(isStacked() ? ['.translation'] : [])].map((panel) => one(panel))) {
      reveal(box, box.querySelector('.changed:not(svg *)') ?? box.querySelector('.focus:not(svg *)'));
    }
    if (!this.frames.reveal(view.focus)) this.frames.reveal(view.changed);
  }

  #drawHead() {
    const { laboratory, selection } = this;
    const mode = one('#mode');
    const { condition, history, at } = laboratory;
    mode.className = `mode ${condition === 'live' ? laboratory.mode : 'offline'}`;
    fill(mode, condition === 'live' ? laboratory.mode.toUpperCase() : { connecting: 'CONNECTING', waiting: 'OFFLINE', ended: 'ENDED' }[condition]);
    mode.title = { live: laboratory.recorded ? 'a recording: nothing more comes' : MODES[laboratory.mode], connecting: '', waiting: 'the connection is gone; trying again', ended: laboratory.reason }[condition];
    fill(one('#sequence'), at === history.head ? `#${at}` : `#${at} of ${history.head}`);
    drawReplayBar(laboratory);
    const live = one('#go-live');
    live.hidden = laboratory.recorded;
    const branch = document.querySelector('#branch [name=seq]');
    if (branch instanceof HTMLInputElement) branch.value = String(this.#branchingAt());
    const newer = laboratory.newerOperations;
    fill(live, laboratory.following ? 'pause' : newer ? `${newer} newer: go live` : 'go live');
    const hold = one('#hold');
    hold.setAttribute('aria-pressed', String(selection.held));
    const address = /** @type {HTMLInputElement} */ (one('#address'));
    if (document.activeElement !== address) address.value = hex(selection.va);
    const pids = /** @type {HTMLSelectElement} */ (one('#shown-pid'));
    const processes = laboratory.state.rows('process');
    fill(pids, ...processes.map((process) => h('option', { value: process.pid }, `P${process.pid}`)));
    pids.value = String(selection.pid);
  }
}
