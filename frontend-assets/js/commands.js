/**
 * The forms: which one is open, what its choices are (processes, descriptors and files as they stand), what it offers,
 * the C call that it stands for, and the same thing as curl. Sending is left to htmx.
 */
import { cCall, curl, membersOf } from './c-call.js';
import { create, fill, h, one } from './dom.js';
import { offer } from './offers.js';
import { rove, stop } from './roving.js';

export class Commands {
  /** @param {HTMLElement} bar @param {import('./view.js').View} view */
  constructor(bar, view) {
    this.bar = bar;
    this.view = view;
    this.more = /** @type {HTMLSelectElement} */ (one('.more', bar));
    /** The descriptors that a form knew, so that a new one is chosen. @type {WeakMap<HTMLSelectElement, Set<string>>} */
    this.descriptors = new WeakMap();
    /** Forms that have been open. @type {WeakSet<HTMLFormElement>} */
    this.offered = new WeakSet();
    const tabs = one('[role=tablist]', bar);
    tabs.addEventListener('click', (event) => {
      const tab = event.target instanceof Element ? event.target.closest('[data-command]') : null;
      if (tab instanceof HTMLElement) this.#choose(tab.dataset.command ?? '', true);
    });
    rove(tabs, '[data-command]', (tab) => this.#choose(tab.dataset.command ?? ''));
    this.more.addEventListener('change', () => this.more.value && this.#choose(this.more.value, true));
    one('[data-copy]', bar).addEventListener('click', () => this.#copy());
    bar.addEventListener('input', () => this.preview());
    bar.addEventListener('change', (event) => this.#picked(event));
  }

  get form() {
    return /** @type {HTMLFormElement} */ (one('form:not([hidden])', this.bar));
  }

  /** Somebody wants a form; beside a scenario, which gives the commands itself, there is none before. @param {string} command @param {boolean} [focus] */
  #choose(command, focus = false) {
    this.bar.classList.add('wanted');
    this.open(command, focus);
  }

  /** @param {string} command @param {boolean} [focus] */
  open(command, focus = false) {
    for (const form of this.bar.querySelectorAll('form')) form.hidden = form.dataset.do !== command;
    let own = null;
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (this.bar.querySelectorAll('[data-command]'))) {
      const chosen = tab.dataset.command === command;
      if (chosen) own = tab;
      tab.setAttribute('aria-selected', String(chosen));
    }
    if (own) stop(one('[role=tablist]', this.bar), '[data-command]', own);
    this.more.value = own ? '' : command;
    this.more.classList.toggle('open', !own);
    this.refresh();
    this.preview();
    if (focus) /** @type {?HTMLElement} */ (this.form.querySelector('input:not([type=hidden]), select'))?.focus();
  }

  /** To the commands by key. */
  focus() {
    one('[aria-controls=commands]').setAttribute('aria-expanded', 'true');
    this.bar.classList.add('wanted');
    const tab = /** @type {?HTMLElement} */ (this.bar.querySelector('[data-command][aria-selected=true]'));
    (tab ?? this.more).focus();
  }

  /** Brings the choices and the offers up to date. @param {boolean} [asked] a person chose something else to look at */
  refresh(asked = false) {
    const { form, view } = this;
    const { at, history } = view.laboratory;
    // a command is given at the newest moment: what is there at another one is not to be chosen from
    const isNewest = at === history.head || !this.offered.has(form);
    if (isNewest) this.#offerChoices(form);
    this.offered.add(form);
    if (offer(view, form, asked) || isNewest) this.preview();
  }

  /** Processes, descriptors and files. @param {HTMLFormElement} form */
  #offerChoices(form) {
    const { state } = this.view;
    const pids = state.rows('process').map((process) => [String(process.pid), `P${process.pid} ${state.text(process.name)}`]);
    const process = form.querySelector('[data-kind=PROCESS]');
    if (process instanceof HTMLSelectElement) this.#offerProcesses(process, pids);
    const fd = form.querySelector('[data-kind=DESCRIPTOR]');
    if (fd instanceof HTMLSelectElement) this.#offerDescriptors(fd, process instanceof HTMLSelectElement ? Number(process.value) : 0);
    fill(one('#paths', this.bar), ...state.rows('file').map((file) => h('option', { value: state.text(file.path) })));
  }

  /** The shown process, unless the form offers to leave it out. @param {HTMLSelectElement} select @param {string[][]} pids */
  #offerProcesses(select, pids) {
    const isOffered = select.dataset.offer !== 'none';
    const options = select.required ? pids : [...pids, ['', select.form?.dataset.do === 'exec' ? 'a new one' : 'all']];
    choices(select, options, isOffered ? String(this.view.selection.pid || '') : select.options.length ? select.value : '');
  }

  /** A descriptor that was not there before is the one that is meant. @param {HTMLSelectElement} select @param {number} pid */
  #offerDescriptors(select, pid) {
    const { state } = this.view;
    const rows = state.rows('descriptor').filter((row) => row.pid === pid).sort((a, b) => a.fd - b.fd);
    const options = rows.map((row) => [String(row.fd), `${row.fd} ${state.text(row.path)}`]);
    if (!select.required) options.push(['', 'none']);
    const known = this.descriptors.get(select);
    const added = rows.findLast((row) => !known?.has(String(row.fd)));
    this.descriptors.set(select, new Set(rows.map((row) => String(row.fd))));
    const before = select.value;
    choices(select, options, added ? String(added.fd) : before);
    if (!known || select.value !== before) this.#descriptorPicked(select);
  }

  /** Memory without a descriptor is anonymous, and a path stands in a descriptor's place. @param {HTMLSelectElement} select */
  #descriptorPicked(select) {
    const anonymous = this.form.querySelector('[value=ANONYMOUS]');
    if (anonymous instanceof HTMLInputElement) anonymous.checked = select.value === '';
    const path = this.form.querySelector('[data-kind=PATH]');
    if (path instanceof HTMLInputElement) path.disabled = select.value !== '';
  }

  /** @param {Event} event */
  #picked(event) {
    const { target } = event;
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.dataset.kind === 'DESCRIPTOR') this.#descriptorPicked(target);
    if (target.dataset.kind === 'PROCESS' && target.value) this.view.selection.show(Number(target.value), this.view.selection.va);
    this.refresh();
    this.preview();
  }

  /** Shows the C call of the open form. */
  preview() {
    const { form } = this;
    const members = membersOf(form);
    const call = one('.c-call', this.bar);
    const text = cCall(form.dataset.call ?? '', members);
    fill(call, text);
    call.title = `stands for ${text}`;
    for (const chosen of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('.chosen'))) {
      fill(chosen, (members[chosen.dataset.of ?? ''] ?? ['0']).join(' | '));
    }
  }

  async #copy() {
    const note = one('.copied', this.bar);
    const file = this.form.querySelector('input[type=file]');
    const name = file instanceof HTMLInputElement ? (file.files?.[0]?.name ?? 'FILE') : '';
    const lab = `${location.origin}/api/v1/labs/${encodeURIComponent(this.view.info.id)}`;
    const text = curl(lab, this.form.dataset.do ?? '', membersOf(this.form), name);
    try {
      await navigator.clipboard.writeText(text);
      note.textContent = 'copied';
    } catch {
      note.textContent = text;
    }
    setTimeout(() => (note.textContent = ''), 4000);
  }
}

/** @param {HTMLSelectElement} select @param {string[][]} options @param {string} wanted */
function choices(select, options, wanted) {
  const now = [...select.options].map((option) => `${option.value} ${option.text}`).join('\n');
  if (now !== options.map(([value, text]) => `${value} ${text}`).join('\n')) {
    select.replaceChildren(...options.map(([value, text]) => create(h('option', { value }, text))));
  }
  if (options.some(([value]) => value === wanted)) select.value = wanted;
}
