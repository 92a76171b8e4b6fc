/**
 * The forms: which one is open, what its choices are (processes, descriptors and files as they stand), the C call that
 * it stands for, and the same thing as curl. Sending is left to htmx.
 */
import { fill, h, one } from './dom.js';
import { hex } from './schema.js';

/** @param {HTMLFormElement} form */
function valuesOf(form) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.name) continue;
    if (field.name === 'as') continue;
    const path = (field.dataset.member ?? field.name).split('.');
    if (path.length > 1) path[1] = encodingOf(form) ?? path[1];
    const member = path[0];
    if (field instanceof HTMLInputElement && field.type === 'checkbox') {
      const list = (values[member] ??= []);
      if (field.checked) list.push(field.value);
    } else if (field.dataset.type === 'list') {
      (values[member] ??= []).push(...field.value.split(' ').filter(Boolean));
    } else if (field.value !== '') {
      const value = field.dataset.type === 'number' ? Number(field.value) : field.value;
      values[member] = path.length > 1 ? { [path[1]]: value } : value;
    }
  }
  return values;
}

/** How the bytes of a form are written, where it lets one choose. @param {HTMLFormElement} form */
function encodingOf(form) {
  const choice = form.elements.namedItem('as');
  return choice instanceof HTMLSelectElement ? choice.value : undefined;
}

/** The bytes to be written as C has them, and how many. @param {Record<string, string>|undefined} data */
function bytesInC(data) {
  if (data?.hex !== undefined) {
    const pairs = data.hex.match(/[0-9a-f]{2}/gi) ?? [];
    return /^(00)+$/.test(data.hex) ? `zeros, ${pairs.length}` : `"${pairs.map((pair) => `\\x${pair}`).join('')}", ${pairs.length}`;
  }
  const text = data?.text ?? '';
  return `${literal(text)}, ${new TextEncoder().encode(text).length}`;
}

/** What each form stands for in C. @type {Record<string, (v: Record<string, any>) => string>} */
const C_CALLS = {
  spawn: (v) => `/* a process with no program, "${v.name ?? ''}" */`,
  put: (v) => `/* a file is put on disk at ${v.path ?? 'its own name'} */`,
  open: (v) => `open(${literal(v.path ?? '')}, ${flags(v.flags, 'O_')}${v.flags?.includes('CREAT') ? ', 0644' : ''})`,
  mmap: (v) => `mmap(${v.address ?? 'NULL'}, ${v.length ?? '?'}, ${flags(v.prot, 'PROT_', 'PROT_NONE')}, ${flags(withAnonymous(v), 'MAP_')}, ${v.fd ?? -1}, ${v.offset ?? 0})`,
  read: (v) => `memcpy(buffer, (void *) ${v.address ?? '?'}, ${v.length ?? '?'})`,
  write: (v) => `memcpy((void *) ${v.address ?? '?'}, ${bytesInC(v.data)})`,
  execute: (v) => `/* an instruction fetch at ${v.address ?? '?'} */`,
  munmap: (v) => `munmap((void *) ${v.address ?? '?'}, ${v.length ?? '?'})`,
  close: (v) => `close(${v.fd ?? '?'})`,
  fork: () => 'fork()',
  exit: (v) => `_exit(${v.status ?? 0})`,
};

/** A string as C writes it. @param {string} text */
const literal = (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** @param {string[]|undefined} names @param {string} prefix @param {string} [none] */
function flags(names, prefix, none = '0') {
  return names?.length ? names.map((name) => prefix + name).join(' | ') : none;
}

/** Memory without a descriptor is anonymous. @param {Record<string, any>} v @returns {string[]} */
function withAnonymous(v) {
  return v.fd === undefined ? [...(v.flags ?? []), 'ANONYMOUS'] : (v.flags ?? []);
}

export class Commands {
  /** @param {HTMLElement} bar @param {import('./view.js').View} view */
  constructor(bar, view) {
    this.bar = bar;
    this.view = view;
    /** The address that the forms last took over from the page; what a person typed is left alone. */
    this.offered = '';
    bar.addEventListener('click', (event) => {
      const tab = event.target instanceof Element ? event.target.closest('[data-command]') : null;
      if (tab instanceof HTMLElement) this.open(tab.dataset.command ?? '', true);
      if (event.target instanceof Element && event.target.closest('[data-copy]')) this.#copy();
    });
    bar.addEventListener('keydown', (event) => this.#arrow(event));
    bar.addEventListener('input', () => this.preview());
    bar.addEventListener('change', (event) => this.#picked(event));
  }

  get form() {
    return /** @type {HTMLFormElement} */ (one('form:not([hidden])', this.bar));
  }

  /** @param {string} command @param {boolean} [focus] */
  open(command, focus = false) {
    for (const form of this.bar.querySelectorAll('form')) form.hidden = form.dataset.do !== command;
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (this.bar.querySelectorAll('[data-command]'))) {
      const chosen = tab.dataset.command === command;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.refresh();
    if (focus) /** @type {?HTMLElement} */ (this.form.querySelector('input:not([type=hidden]), select'))?.focus();
  }

  /** Left and Right move between the tabs, as in any tab list. @param {KeyboardEvent} event */
  #arrow(event) {
    const tab = event.target instanceof HTMLElement && event.target.matches('[data-command]') ? event.target : null;
    if (!tab || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const tabs = /** @type {HTMLElement[]} */ ([...this.bar.querySelectorAll('[data-command]')]);
    const next = tabs[(tabs.indexOf(tab) + (event.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
    this.open(next.dataset.command ?? '');
    next.focus();
  }

  /** Brings the choices up to date with the state. */
  refresh() {
    const { state, selection } = this.view;
    const form = this.form;
    const pids = state.rows('process').map((process) => [String(process.pid), `P${process.pid} ${state.text(process.name)}`]);
    const pidSelect = form.querySelector('select[name=pid]');
    if (pidSelect instanceof HTMLSelectElement) choices(pidSelect, pids, String(selection.pid || ''));
    const pid = pidSelect instanceof HTMLSelectElement ? Number(pidSelect.value) : 0;
    const fds = state.rows('descriptor').filter((row) => row.pid === pid).sort((a, b) => a.fd - b.fd);
    const fdSelect = form.querySelector('select[name=fd]');
    if (fdSelect instanceof HTMLSelectElement) {
      const options = fds.map((row) => [String(row.fd), `${row.fd} ${state.text(row.path)}`]);
      if (fdSelect.hasAttribute('data-anonymous')) options.push(['', 'none: anonymous']);
      const before = fdSelect.value;
      const known = [...fdSelect.options].map((option) => option.value);
      const added = options.findLast(([value]) => value && !known.includes(value));
      choices(fdSelect, options, added ? added[0] : before);
      if (added) this.#offerLength(fdSelect);
    }
    const paths = one('#paths', this.bar.ownerDocument);
    fill(paths, ...state.rows('file').map((file) => h('option', { value: state.text(file.path) })));
    this.preview();
  }

  /** Offers the address that is shown to the forms that take one. @param {boolean} [asked] a person chose it just now */
  offerAddress(asked = false) {
    const { selection, state } = this.view;
    const address = hex(selection.va);
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (this.bar.querySelectorAll('[data-offer=address]'))) {
      if (asked || field.value === '' || field.value === this.offered) field.value = address;
    }
    const vma = state.rows('vma').find((row) => row.pid === selection.pid && selection.va >= row.start && selection.va < row.end);
    if (vma) {
      const unmap = one('form[data-do=munmap]', this.bar);
      /** @type {HTMLInputElement} */ (one('[name=address]', unmap)).value = hex(vma.start);
      /** @type {HTMLInputElement} */ (one('[name=length]', unmap)).value = String(Number(vma.end) - Number(vma.start));
    }
    this.offered = address;
    this.preview();
  }

  /** @param {Event} event */
  #picked(event) {
    if (event.target instanceof HTMLSelectElement && event.target.name === 'fd') this.#offerLength(event.target);
    if (event.target instanceof HTMLSelectElement && event.target.name === 'pid') {
      this.view.selection.show(Number(event.target.value), this.view.selection.va);
    }
    this.preview();
  }

  /** The whole file is the length to begin with. @param {HTMLSelectElement} select */
  #offerLength(select) {
    const length = select.form?.elements.namedItem('length');
    const { state } = this.view;
    const pid = Number(/** @type {HTMLSelectElement} */ (select.form?.elements.namedItem('pid')).value);
    const descriptor = state.rows('descriptor').find((row) => row.pid === pid && String(row.fd) === select.value);
    const file = descriptor && state.table('file').get(descriptor.inode);
    if (length instanceof HTMLInputElement && file) length.value = String(file.size || 4096);
  }

  /** Shows the C call of the open form. */
  preview() {
    const form = this.form;
    const values = valuesOf(form);
    fill(one('.c-call', this.bar), C_CALLS[form.dataset.do ?? '']?.(values) ?? '');
  }

  /** The open form as a call of curl. */
  get curl() {
    const form = this.form;
    const lab = `${location.origin}/api/v1/labs/${encodeURIComponent(this.view.info.id)}`;
    const values = valuesOf(form);
    if (form.dataset.do === 'put') {
      const file = form.querySelector('input[type=file]');
      const name = file instanceof HTMLInputElement ? (file.files?.[0]?.name ?? 'FILE') : 'FILE';
      return `curl -X PUT --data-binary @'${name}' '${lab}/files${values.path ?? '/FILE'}'`;
    }
    /** @type {Record<string, any>} */
    const command = { do: form.dataset.do, ...values };
    if (form.dataset.do === 'mmap') command.flags = withAnonymous(values);
    if (typeof command.pid === 'string') command.pid = Number(command.pid);
    return `curl -H 'Content-Type: application/json' -d '${JSON.stringify(command).replaceAll("'", "'\\''")}' ${lab}/commands`;
  }

  async #copy() {
    const note = one('.copied', this.bar);
    try {
      await navigator.clipboard.writeText(this.curl);
      note.textContent = 'copied';
    } catch {
      note.textContent = this.curl;
    }
    setTimeout(() => (note.textContent = ''), 4000);
  }
}

/** @param {HTMLSelectElement} select @param {string[][]} options @param {string} wanted */
function choices(select, options, wanted) {
  const now = [...select.options].map((option) => `${option.value} ${option.text}`).join('\n');
  if (now !== options.map(([value, text]) => `${value} ${text}`).join('\n')) {
    select.replaceChildren(...options.map(([value, text]) => h('option', { value }, text)));
  }
  if (options.some(([value]) => value === wanted)) select.value = wanted;
}
