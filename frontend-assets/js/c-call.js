/**
 * A command's members as its form has them, and the C call that they stand for. A call's template names members in
 * braces: `{length}` is the value, `{prot:PROT_|PROT_NONE}` words with a prefix, and what stands after the bar is said
 * where there is none. Of `{, mode}` nothing at all is said then. `{file}` is the descriptor, or the path where that stands in
 * its place.
 */

/** @typedef {Record<string, any>} Members */

/** @param {HTMLFormElement} form @returns {Members} */
export function membersOf(form) {
  /** @type {Members} */
  const members = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.dataset.kind || field.disabled) continue;
    const { name, value } = field;
    switch (field.dataset.kind) {
      case 'WORDS':
        members[name] ??= [];
        if (/** @type {HTMLInputElement} */ (field).checked) members[name].push(value);
        break;
      case 'LIST':
        members[name] = value.split(/\s+/).filter(Boolean);
        break;
      case 'VECTORS':
        members[name] = value.split(/\s+/).filter(Boolean).map((piece) => ({ address: piece.split('+')[0], length: piece.split('+')[1] ?? '' }));
        break;
      case 'FLAG':
        if (/** @type {HTMLInputElement} */ (field).checked) members[name] = true;
        break;
      case 'BYTES':
        members[name] = { [/** @type {HTMLSelectElement} */ (form.elements.namedItem('as')).value]: value };
        break;
      case 'NUMBER':
      case 'PROCESS':
      case 'DESCRIPTOR':
        if (value !== '') members[name] = /^-?\d{1,15}$/.test(value) ? Number(value) : value;
        break;
      default:
        if (value !== '') members[name] = value;
    }
  }
  for (const [name, value] of Object.entries(members)) if (Array.isArray(value) && value.length === 0) delete members[name];
  return members;
}

/** @param {string} template @param {Members} members */
export function cCall(template, members) {
  return template.replace(/\{(, )?(\w+)(?::(\w+))?(?:\|([^}]*))?\}/g, (_, comma, name, prefix, otherwise) => {
    const value = name === 'file' ? (members.fd ?? (members.path && `open(${literal(members.path)}, O_RDWR)`)) : members[name];
    if (value === undefined || value === '') return otherwise ?? (comma ? '' : '?');
    if (comma) return comma + value;
    if (Array.isArray(value) && typeof value[0] === 'object') return value.map(({ address, length }) => `{${address}, ${length}}`).join(', ');
    if (Array.isArray(value) && !prefix) return value.map(literal).join(', ');
    if (Array.isArray(value)) return value.map((word) => (prefix ?? '') + word).join(' | ');
    if (typeof value === 'object') return bytes(value);
    if (name.toLowerCase().endsWith('address')) return `(void *) ${value}`;
    if (name === 'path' || name === 'name') return literal(value);
    return (prefix ?? '') + value;
  });
}

/** Bytes as C has them, and how many. @param {{hex?: string, text?: string}} data */
function bytes({ hex, text = '' }) {
  if (hex === undefined) return `${literal(text)}, ${new TextEncoder().encode(text).length}`;
  const pairs = hex.match(/[0-9a-f]{2}/gi) ?? [];
  const zeros = pairs.length > 0 && pairs.every((pair) => pair === '00');
  return zeros ? `zeros, ${pairs.length}` : `"${pairs.map((pair) => `\\x${pair}`).join('')}", ${pairs.length}`;
}

/** A string as C writes it. @param {string} text */
const literal = (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** The command as a call of curl. @param {string} lab its address @param {string} verb @param {Members} members @param {string} file */
export function curl(lab, verb, members, file) {
  if (verb === 'put') return `curl -X PUT --data-binary @'${file}' '${lab}/files${members.path ?? '/FILE'}'`;
  const json = JSON.stringify({ do: verb, ...members }).replaceAll("'", "'\\''");
  return `curl -H 'Content-Type: application/json' -d '${json}' ${lab}/commands`;
}
