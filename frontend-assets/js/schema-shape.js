/** Whether what a recording says of its own schema is one: a header may come from anybody. */

/** @param {any} value @param {string} where @returns {Record<string, any>} */
function object(value, where) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${where} is no object`);
  return value;
}

/** @param {any} value @param {string} where */
function text(value, where) {
  if (typeof value !== 'string') throw new TypeError(`${where} is no text`);
}

/** @param {any} value @param {string} where @param {(item: any, where: string) => void} each */
function list(value, where, each) {
  if (!Array.isArray(value)) throw new TypeError(`${where} is no list`);
  value.forEach((item, i) => each(item, `${where}[${i}]`));
}

/** @param {any} value @param {string} where */
function format(value, where) {
  const { shape, symbols } = object(value, where);
  text(shape, `${where}.shape`);
  if (shape === 'SYMBOL') list(symbols, `${where}.symbols`, text);
}

/** @param {any} value @param {string} where */
function table(value, where) {
  const { name, columns } = object(value, where);
  text(name, `${where}.name`);
  list(columns, `${where}.columns`, (column, at) => {
    text(object(column, at).name, `${at}.name`);
    format(column.format, `${at}.format`);
  });
}

/** @param {any} value @param {string} where */
function sentence(value, where) {
  const { name, template, arguments: names } = object(value, where);
  text(name, `${where}.name`);
  text(template, `${where}.template`);
  list(names, `${where}.arguments`, text);
}

/**
 * @template T
 * @param {T} schema
 * @returns {T} the same
 * @throws {TypeError} that names what is not as it must be
 */
export function checkedSchema(schema) {
  const { tables, steps, operations, formats, signals, signalCodes } = object(schema, 'schema');
  list(tables, 'schema.tables', table);
  list(steps, 'schema.steps', sentence);
  list(operations, 'schema.operations', sentence);
  for (const [name, value] of Object.entries(object(formats, 'schema.formats'))) format(value, `schema.formats.${name}`);
  list(signals, 'schema.signals', text);
  list(signalCodes, 'schema.signalCodes', text);
  return schema;
}
