/**
 * The page of all calls, made of the server's own description: what each takes and answers, what it is as curl, and a
 * form that sends it. What a call says is drawn once it is unfolded.
 */
import { addressOf, curlOf, headersOf, isJson, nameOf, typeOf } from './api-words.js';
import { create, fill, h, one } from './dom.js';
import { drawMarkdown } from './markdown.js';
import { themeToggle } from './theme.js';

/** Subjects in the order in which they are met; others come after them. */
const SUBJECTS = ['Laboratories', 'Commands', 'Reading', 'Time', 'Streams', 'Files', 'Recordings', 'Scenarios', 'Presenter'];
/** An answer that goes on is read for so long, and no further than so many letters. */
const PATIENCE = 3000;
const MOST = 20_000;

/**
 * @typedef {import('./api-words.js').Schema} Schema
 * @typedef {import('./api-words.js').Filled} Filled
 * @typedef {import('./api-words.js').Call & {id: string, summary: string, tags: string[], description?: string, requestBody?: any, responses: Record<string, any>}} Operation
 */

class ApiPage {
  /** @param {Record<string, any>} document OpenAPI 3.1 */
  constructor(document) {
    this.document = document;
    /** @type {Map<string, Operation>} */
    this.operations = new Map();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(/** @type {Record<string, any>} */ (item))) {
        const id = `${method}-${path}`;
        this.operations.set(id, { parameters: [], ...operation, id, path, method: method.toUpperCase() });
      }
    }
  }

  draw() {
    const operations = [...this.operations.values()];
    const place = (/** @type {string} */ tag) => (SUBJECTS.indexOf(tag) + 1 || SUBJECTS.length + 1);
    const tags = [...new Set(operations.map(({ tags }) => tags[0]))].sort((a, b) => place(a) - place(b));
    fill(one('#subjects'), ...[...tags, 'Schemas'].map((tag) => h('a', { href: `#${tag}` }, tag)));
    const { schemas } = this.document.components;
    fill(
      one('#calls'),
      ...tags.map((tag) =>
        h(
          'section',
          { 'aria-labelledby': tag },
          h('h2', { id: tag }, tag),
          ...operations.filter(({ tags: [own] }) => own === tag).sort((a, b) => a.path.localeCompare(b.path)).map(drawSummary),
        ),
      ),
      h('section', { 'aria-labelledby': 'Schemas' }, h('h2', { id: 'Schemas' }, 'Schemas'), ...Object.keys(schemas).sort().map((name) => h('details.schema', { id: `schema-${name}` }, h('summary', {}, h('code', {}, name))))),
    );
    // an unfolding is not told to those around it
    for (const details of document.querySelectorAll('#calls details')) details.addEventListener('toggle', () => this.#unfold(/** @type {HTMLDetailsElement} */ (details)));
    addEventListener('hashchange', () => this.#visit());
    this.#visit();
  }

  /** Unfolds what the page's address names. */
  #visit() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named instanceof HTMLDetailsElement) named.open = true;
    named?.scrollIntoView();
  }

  /** @param {HTMLDetailsElement} details */
  #unfold(details) {
    if (!details.open || details.children.length > 1) return;
    const operation = this.operations.get(details.id);
    const body = operation ? this.#drawCall(operation) : this.#drawSchema(nameOf(details.id.replace('schema-', '/')));
    for (const part of body) if (part) details.append(create(part));
    if (operation) new Trial(/** @type {HTMLFormElement} */ (one('form', details)), operation);
  }

  /** @param {any} described something, or a reference to it */
  #resolve(described) {
    if (!described.$ref) return described;
    return described.$ref.slice(2).split('/').reduce((/** @type {any} */ within, /** @type {string} */ name) => within[name], this.document);
  }

  /** @param {Operation} operation */
  #drawCall(operation) {
    const { parameters, responses, requestBody } = operation;
    const call = `${operation.method} ${operation.path}`;
    return [
      operation.description ? h('div.prose', {}, ...drawMarkdown(operation.description)) : null,
      requestBody ? h('p', {}, 'Takes ', ...between(Object.entries(requestBody.content).map(([type, { schema }]) => [h('code', {}, type), ': ', ...drawType(schema)]), '; or ')) : null,
      h('h3', {}, 'Answers'),
      table(
        `answers of ${call}`,
        ['status', 'what', 'as'],
        Object.entries(responses).map(([status, response]) => {
          const { description, content = {} } = this.#resolve(response);
          return [h('code', {}, status), drawMarkdown(description ?? ''), between(Object.entries(content).map(([type, { schema }]) => [h('code', {}, type), ' ', ...(schema ? drawType(schema) : [])]), h('br'))];
        }),
      ),
      h('h3', {}, 'Try it'),
      h(
        'form.trial',
        {},
        ...parameters.map(({ name, in: place, required, description, schema }) =>
          h('label', {}, h('span', {}, h('b', {}, name), ` ${place === 'path' ? '' : `${place} `}`, ...typeOf(schema).map((piece) => (typeof piece === 'string' ? piece : piece.named))), h('input', { name, required: required ?? false, spellcheck: 'false', autocomplete: 'off' }), description ? h('small.fact', {}, description) : null),
        ),
        ...(requestBody ? drawBody(requestBody.content) : []),
        h('p.sending', {}, h('button.primary', { type: 'submit' }, 'send'), h('button.quiet', { type: 'button', 'data-copy': '' }, 'copy as curl'), h('span.copied', { role: 'status' })),
        h('pre.as-curl', { tabindex: 0, role: 'region', 'aria-label': `${call} as curl` }),
        h('pre.answered', { tabindex: 0, role: 'region', 'aria-label': `answer of ${call}`, hidden: true }),
      ),
    ];
  }

  /** @param {string} name */
  #drawSchema(name) {
    const schema = this.document.components.schemas[name];
    const { description, properties, required = [], additionalProperties } = schema;
    return [
      description ? h('div.prose', {}, ...drawMarkdown(description)) : null,
      properties ? null : h('p', {}, ...drawType(schema)),
      properties
        ? table(
            `members of ${name}`,
            ['member', 'type', 'what'],
            Object.entries(/** @type {Record<string, Schema>} */ (properties)).map(([member, type]) => [h('code', {}, member, required.includes(member) ? '' : '?'), drawType(type), drawMarkdown(type.description ?? '')]),
          )
        : null,
      additionalProperties && typeof additionalProperties === 'object' ? h('p', {}, 'and others: ', ...drawType(additionalProperties)) : null,
    ];
  }
}

/** A call being filled in and sent. */
class Trial {
  /** @param {HTMLFormElement} form @param {Operation} operation */
  constructor(form, operation) {
    this.form = form;
    this.operation = operation;
    form.addEventListener('input', () => this.#tell());
    form.addEventListener('change', ({ target }) => {
      if (target instanceof HTMLSelectElement && target.name === ':example') this.#take(target.value);
      this.#tell();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    one('[data-copy]', form).addEventListener('click', () => this.#copy());
    const example = form.elements.namedItem(':example');
    if (example instanceof HTMLSelectElement) this.#take(example.value);
    this.#tell();
  }

  /** Body of an example. @param {string} name */
  #take(name) {
    const example = Object.values(this.operation.requestBody.content).map(({ examples }) => examples?.[name]).find(Boolean);
    const body = this.form.elements.namedItem(':body');
    if (body instanceof HTMLTextAreaElement && example) body.value = JSON.stringify(example.value, null, 2);
  }

  /** @returns {Filled} */
  get filled() {
    const values = Object.fromEntries([...new FormData(this.form)].filter(([name, value]) => !name.startsWith(':') && typeof value === 'string'));
    const text = (/** @type {string} */ name) => /** @type {HTMLInputElement|null} */ (this.form.elements.namedItem(name))?.value ?? '';
    return { values: /** @type {Record<string, string>} */ (values), type: text(':type'), body: text(':body') };
  }

  get curl() {
    return curlOf(location.origin, this.operation, this.filled);
  }

  #tell() {
    one('.as-curl', this.form).textContent = this.curl;
  }

  async #copy() {
    const note = one('.copied', this.form);
    try {
      await navigator.clipboard.writeText(this.curl);
      note.textContent = 'copied';
    } catch {
      note.textContent = 'copy the line below';
    }
  }

  async #send() {
    const { operation, filled, form } = this;
    const shown = one('.answered', form);
    shown.hidden = false;
    shown.textContent = '…';
    const file = form.elements.namedItem(':file');
    const body = !filled.type ? undefined : isJson(filled.type) ? filled.body : file instanceof HTMLInputElement ? file.files?.[0] : undefined;
    try {
      const answer = await fetch(addressOf(operation, filled.values), { method: operation.method, headers: headersOf(operation, filled), body });
      shown.textContent = `${answer.status} ${answer.headers.get('content-type') ?? ''}\n\n${await read(answer)}`;
    } catch (problem) {
      shown.textContent = String(problem);
    }
  }
}

/** The beginning of an answer, as far as it comes in time. @param {Response} answer */
async function read(answer) {
  const type = answer.headers.get('content-type') ?? '';
  if (type && !/json|text/.test(type)) return `${(await answer.arrayBuffer()).byteLength} bytes`;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const late = new Promise((end) => setTimeout(end, PATIENCE));
  let text = '';
  while (reader && text.length < MOST) {
    const next = /** @type {?ReadableStreamReadResult<string>} */ (await Promise.race([reader.read(), late.then(() => null)]));
    if (!next || next.done) break;
    text += next.value;
  }
  reader?.cancel();
  const beginning = text.length < MOST ? text : `${text.slice(0, MOST)}…`;
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, MOST);
  } catch {
    return beginning;
  }
}

/** @param {Operation} operation */
function drawSummary({ id, method, path, summary }) {
  return h('details.a-call', { id }, h('summary', {}, h('b.method', { class: method.toLowerCase() }, method), h('code', {}, path), h('span.fact', {}, summary)));
}

/** Type and text of a body, or its file. @param {Record<string, any>} content */
function drawBody(content) {
  const types = Object.keys(content);
  const examples = Object.values(content).flatMap(({ examples }) => Object.entries(/** @type {Record<string, any>} */ (examples ?? {})));
  return [
    h('label', {}, h('span', {}, h('b', {}, 'body')), h('select', { name: ':type' }, ...types.map((type) => h('option', {}, type)))),
    examples.length ? h('label', {}, h('span', {}, h('b', {}, 'example')), h('select', { name: ':example' }, ...examples.map(([name, { summary }]) => h('option', { value: name }, summary ?? name)))) : null,
    isJson(types[0]) ? h('textarea', { name: ':body', rows: 7, spellcheck: 'false', 'aria-label': 'body' }) : h('input', { type: 'file', name: ':file', 'aria-label': 'file' }),
  ];
}

/** @param {Schema|undefined} schema */
const drawType = (schema) => typeOf(schema).map((piece) => (typeof piece === 'string' ? piece : h('a', { href: `#schema-${piece.named}` }, piece.named)));

/** @param {any[]} parts @param {any} separator */
const between = (parts, separator) => parts.flatMap((part, i) => (i ? [separator, part] : [part]));

/** @param {string} label @param {string[]} head @param {any[][]} rows */
const table = (label, head, rows) =>
  h(
    'div.wide',
    { tabindex: 0, role: 'region', 'aria-label': label },
    h('table.plain-table', {}, h('thead', {}, h('tr', {}, ...head.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, ...rows.map(([first, ...others]) => h('tr', {}, h('th', { scope: 'row' }, first), ...others.map((other) => h('td', {}, other)))))),
  );

themeToggle(/** @type {HTMLButtonElement} */ (one('#theme')), () => {});
const described = await fetch('/api/v1/openapi');
if (described.ok) new ApiPage(await described.json()).draw();
else fill(one('#calls'), h('p', {}, `The description did not come: ${described.status}`));
