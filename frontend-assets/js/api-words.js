/**
 * What the description of the API says, in few words: the type that a schema stands for, and a call with what was filled
 * in as an address and as curl.
 *
 * @typedef {Record<string, any>} Schema of JSON Schema, as OpenAPI 3.1 has them
 * @typedef {{name: string, in: 'path'|'query'|'header', required?: boolean, description?: string, schema?: Schema}} Parameter
 * @typedef {{method: string, path: string, parameters: Parameter[]}} Call
 * @typedef {{values: Record<string, string>, type: string, body: string}} Filled the body's text, or what stands for its file
 */

/** What a reference names: the last part of `#/components/schemas/Lab`. @param {string} reference */
export const nameOf = (reference) => reference.slice(reference.lastIndexOf('/') + 1);

/** A type as pieces, of which the schemas that are named elsewhere stand by themselves. @param {Schema|undefined} schema @returns {(string|{named: string})[]} */
export function typeOf(schema) {
  if (!schema) return ['anything'];
  if (schema.$ref) return [{ named: nameOf(schema.$ref) }];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.flatMap((/** @type {Schema} */ choice, /** @type {number} */ i) => [i ? ' or ' : '', ...typeOf(choice)]).filter(Boolean);
  if (schema.type === 'array') return ['array of ', ...typeOf(schema.items)];
  return [simple(schema)];
}

/** @param {Schema} schema */
function simple({ type, format, enum: words, const: only, minimum, maximum, default: otherwise }) {
  const kind = words ? words.map(String).join(', ') : only !== undefined ? String(only) : [type ?? 'anything'].flat().join(' or ');
  const range = minimum !== undefined || maximum !== undefined ? ` ${minimum ?? ''}…${maximum ?? ''}` : '';
  return `${kind}${format ? ` (${format})` : ''}${range}${otherwise !== undefined ? `; else ${JSON.stringify(otherwise)}` : ''}`;
}

/** Where a call goes. A path within a path keeps its slashes. @param {Call} call @param {Record<string, string>} values */
export function addressOf({ path, parameters }, values) {
  const escaped = (/** @type {string} */ value) => encodeURIComponent(value).replaceAll('%2F', '/');
  const filled = path.replace(/\{(\w+)\}/g, (whole, name) => (values[name] ? escaped(values[name]).replace(/^\//, '') : whole));
  const asked = new URLSearchParams();
  for (const { name, in: place } of parameters) if (place === 'query' && values[name]) asked.set(name, values[name]);
  return asked.size ? `${filled}?${asked}` : filled;
}

/** @param {Call} call @param {Filled} filled @returns {[string, string][]} */
export function headersOf({ parameters }, { values, type }) {
  /** @type {[string, string][]} */
  const headers = type ? [['Content-Type', type]] : [];
  for (const { name, in: place } of parameters) if (place === 'header' && values[name]) headers.push([name, values[name]]);
  return headers;
}

/** @param {string} origin @param {Call} call @param {Filled} filled */
export function curlOf(origin, call, filled) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const method = call.method === 'GET' ? [] : ['-X', call.method];
  const headers = headersOf(call, filled).flatMap((header) => ['-H', quoted(header.join(': '))]);
  const body = !filled.type ? [] : isJson(filled.type) ? ['-d', quoted(compact(filled.body))] : ['--data-binary', '@FILE'];
  return ['curl', ...method, ...headers, ...body, quoted(origin + addressOf(call, filled.values))].join(' ');
}

/** JSON without its line breaks; what is none yet stays as it is. @param {string} text */
function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** @param {string} type of a body */
export const isJson = (type) => /^application\/([\w.-]+\+)?json$/.test(type);
