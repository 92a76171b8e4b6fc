import assert from 'node:assert/strict';
import { test } from 'node:test';

/** As much of the browser's nodes as is needed to see which of them are touched. */
class FakeNode {
  constructor(name) {
    Object.assign(this, { name, childNodes: [], attributes: new Map(), parentNode: null, text: '' });
  }
  get nodeValue() {
    return this.text;
  }
  set nodeValue(text) {
    writes.push(`text ${text}`);
    this.text = text;
  }
  get firstChild() {
    return this.childNodes[0] ?? null;
  }
  get lastChild() {
    return this.childNodes.at(-1) ?? null;
  }
  get nextSibling() {
    const { childNodes } = this.parentNode;
    return childNodes[childNodes.indexOf(this) + 1] ?? null;
  }
  get textContent() {
    return this.text + this.childNodes.map((node) => node.textContent).join('');
  }
  setAttribute(name, value) {
    writes.push(`${name}=${value}`);
    this.attributes.set(name, value);
  }
  removeAttribute(name) {
    writes.push(`no ${name}`);
    this.attributes.delete(name);
  }
  contains(other) {
    return this === other || this.childNodes.some((node) => node.contains(other));
  }
  remove() {
    if (!this.parentNode) return;
    writes.push(`remove ${this.name}`);
    this.parentNode.childNodes = this.parentNode.childNodes.filter((node) => node !== this);
    this.parentNode = null;
  }
  insertBefore(node, after) {
    if (node.parentNode) node.parentNode.childNodes = node.parentNode.childNodes.filter((other) => other !== node);
    writes.push(`insert ${node.name}`);
    const at = after ? this.childNodes.indexOf(after) : this.childNodes.length;
    this.childNodes.splice(at, 0, node);
    node.parentNode = this;
  }
  append(node) {
    this.insertBefore(node, null);
  }
  replaceChildren(...nodes) {
    for (const node of this.childNodes) node.parentNode = null;
    this.childNodes = [];
    for (const node of nodes) this.append(node);
  }
}

const writes = [];
globalThis.document = {
  activeElement: null,
  createElement: (name) => new FakeNode(name),
  createElementNS: (_, name) => new FakeNode(name),
  createTextNode: (text) => Object.assign(new FakeNode('#text'), { text }),
};
const { fill, h, lazy } = await import('../../../frontend-assets/js/dom.js');

/** What filling an element has written to the page. */
function written(parent, ...children) {
  writes.length = 0;
  fill(parent, ...children);
  return [...writes];
}

const rows = (...keys) => keys.map((key) => h('li', { 'data-key': key }, `row ${key}`));
const texts = (parent) => parent.childNodes.map((node) => node.textContent);

test('sameAgain_touchesNothing', () => {
  const list = new FakeNode('ul');
  const draw = () => [h('li.first', { class: 'lit', title: 'x', hidden: false }, 'one ', h('b', {}, 1)), null, ['two', '']];
  fill(list, ...draw());
  assert.equal(list.childNodes[0].attributes.get('class'), 'first lit');
  assert.equal(list.textContent, 'one 1two');
  assert.deepEqual(written(list, ...draw()), []);
});

test('whatDiffers_isAllThatIsWritten', () => {
  const list = new FakeNode('ul');
  fill(list, h('li', { title: 'x', class: 'a', 'aria-current': 'step' }, 'one'), h('li', {}, 'two'));
  assert.deepEqual(written(list, h('li', { title: 'y', class: 'b' }, 'one'), h('li', { hidden: true }, 'three')), ['class=b', 'title=y', 'no aria-current', 'hidden=', 'text three']);
});

test('keyedRows_stayTheSameElementsWhereTheyGo', () => {
  const list = new FakeNode('ul');
  fill(list, ...rows(1, 2, 3, 4));
  const [, second, third, fourth] = list.childNodes;
  fill(list, ...rows(4, 2, 3));
  assert.deepEqual(list.childNodes, [fourth, second, third]);
  assert.deepEqual(texts(list), ['row 4', 'row 2', 'row 3']);
});

test('listThatMovesOnByOne_movesOneElement', () => {
  const list = new FakeNode('ul');
  fill(list, ...rows(1, 2, 3, 4));
  assert.deepEqual(written(list, ...rows(2, 3, 4, 5)), ['data-key=5', 'text row 5', 'insert li']);
  assert.deepEqual(texts(list), ['row 2', 'row 3', 'row 4', 'row 5']);
});

test('rowThatHasTheFocus_doesNotBecomeAnother', () => {
  const list = new FakeNode('ul');
  fill(list, ...rows(1, 2));
  const [first] = list.childNodes;
  document.activeElement = first;
  fill(list, ...rows(2, 3));
  document.activeElement = null;
  assert.equal(list.childNodes.includes(first), false);
  assert.deepEqual(texts(list), ['row 2', 'row 3']);
});

test('contentOfSomebodyElse_isReplaced', () => {
  const place = new FakeNode('div');
  fill(place, h('p', {}, 'old'));
  place.replaceChildren(new FakeNode('form'));
  fill(place, h('p', {}, 'old'));
  assert.deepEqual(place.childNodes.map(({ name }) => name), ['p']);
  assert.equal(place.textContent, 'old');
});

test('randomLists_becomeWhatIsDescribed', () => {
  const seed = 77;
  let random = seed;
  const next = (n) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  const list = new FakeNode('ul');
  for (let i = 0; i < 300; i++) {
    const keys = [...new Set(Array.from({ length: next(9) }, () => next(12)))];
    const wanted = keys.map((key) => (key < 2 ? `plain ${key}` : key < 4 ? h('b', {}, `b${key}`) : h(key % 2 ? 'li' : 'tr', { 'data-key': key }, `row ${key}`)));
    fill(list, ...wanted);
    assert.deepEqual(texts(list), keys.map((key) => (key < 2 ? `plain ${key}` : key < 4 ? `b${key}` : `row ${key}`)), `seed ${seed}, list ${i}`);
  }
});

test('lazyDescription_isMadeOnlyWhereAnInputDiffers', () => {
  const list = new FakeNode('ul');
  let described = 0;
  const row = (key, text) => lazy('li', [text], () => (described++, h('li', { 'data-key': key }, text)), key);
  fill(list, row(1, 'one'), row(2, 'two'));
  const [first, second] = list.childNodes;
  assert.deepEqual(written(list, row(1, 'one'), row(2, 'two')), []);
  assert.equal(described, 2);
  assert.deepEqual(written(list, row(1, 'one'), row(2, 'other')), ['text other']);
  assert.equal(described, 3);
  fill(list, row(2, 'other'), row(3, 'three'), h('li', { 'data-key': 1 }, 'plain'));
  assert.deepEqual([list.childNodes[0], list.childNodes[2]], [second, first]);
  assert.deepEqual(texts(list), ['other', 'three', 'plain']);
  fill(list, row(1, 'one'), row(2, 'other'));
  assert.deepEqual(texts(list), ['one', 'other']);
});
