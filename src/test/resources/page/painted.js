/**
 * Reads back what the page of a laboratory has painted, and says what it ought to have painted by the server's rows.
 * Both come out as lists of lines, one list for each part of the screen, so that they can be compared and told apart.
 * Canvases are read through what was painted on them last; nothing here asks the page's own modules.
 */
globalThis.painted = (() => {
  const KINDS = ['zero', 'table', 'anon', 'file'];
  const LETTERS = 'VRWXUGAD';
  const COLOURS = ['ink', 'muted', 'sunken', 'select', 'change', 'file', 'zero', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
  const GUARD = 0x4f80n;

  // Canvases

  /** What lies on each canvas: rectangles, outlines, shapes and texts, the last one on top. */
  const marks = new WeakMap();
  const paths = new WeakMap();

  const within = (mark, { x, y, w, h }, by = 1.5) => mark.x >= x - by && mark.y >= y - by && mark.x + mark.w <= x + w + by && mark.y + mark.h <= y + h + by;

  function cover(canvas, x, y, w, h) {
    marks.set(canvas, (marks.get(canvas) ?? []).filter((mark) => !within(mark, { x, y, w, h }, 0.01)));
  }

  function put(context, mark) {
    const all = marks.get(context.canvas) ?? [];
    all.push({ ...mark, colour: mark.kind === 'outline' ? context.strokeStyle : context.fillStyle });
    marks.set(context.canvas, all);
  }

  function watchCanvases() {
    const canvas = CanvasRenderingContext2D.prototype;
    const after = (name, told) => {
      const original = canvas[name];
      canvas[name] = function (...values) {
        original.apply(this, values);
        told(this, ...values);
      };
    };
    after('clearRect', ({ canvas }, x, y, w, h) => {
      const isAll = x <= 0 && y <= 0 && w >= canvas.clientWidth && h >= canvas.clientHeight;
      if (isAll) marks.set(canvas, []);
      else cover(canvas, x, y, w, h);
    });
    after('fillRect', (context, x, y, w, h) => {
      if (context.globalAlpha < 1) return;
      cover(context.canvas, x, y, w, h);
      put(context, { kind: 'rectangle', x, y, w, h });
    });
    after('strokeRect', (context, x, y, w, h) => put(context, { kind: 'outline', x, y, w, h }));
    after('fillText', (context, text, x, y) => {
      const w = context.measureText(text).width;
      put(context, { kind: 'text', text, x: context.textAlign === 'center' ? x - w / 2 : x, y: y - 6, w, h: 6 });
    });
    after('beginPath', (context) => paths.set(context, []));
    for (const name of ['moveTo', 'lineTo']) after(name, (context, x, y) => paths.get(context)?.push([x, y]));
    after('rect', (context, x, y, w, h) => paths.get(context)?.push([x, y], [x + w, y], [x + w, y + h], [x, y + h]));
    after('fill', (context) => {
      const points = paths.get(context) ?? [];
      const [x, y] = [Math.min(...points.map(([x]) => x)), Math.min(...points.map(([, y]) => y))];
      const [right, below] = [Math.max(...points.map(([x]) => x)), Math.max(...points.map(([, y]) => y))];
      put(context, { kind: 'shape', corners: points.length, x, y, w: right - x, h: below - y });
    });
  }

  /** Names of colours by how a canvas writes them. */
  function palette() {
    const probe = document.body.appendChild(document.createElement('span'));
    const context = document.createElement('canvas').getContext('2d');
    const names = new Map();
    for (const name of COLOURS) {
      probe.style.color = `var(--${name})`;
      context.fillStyle = getComputedStyle(probe).color;
      names.set(context.fillStyle, name);
    }
    probe.remove();
    return (mark) => names.get(mark.colour) ?? mark.colour;
  }

  const marksOf = (selector) => marks.get(document.querySelector(selector)) ?? [];
  const inRows = (a, b) => a.y - b.y || a.x - b.x;

  /** The cells of the frame map: every frame's sign, its owner's colour and its pips. */
  function frameMap() {
    const nameOf = palette();
    const all = marksOf('#frames canvas');
    const cells = [];
    for (const line of all.filter(({ kind, text }) => kind === 'text' && /^0x[0-9a-f]+$/.test(text))) {
      const grounds = all.filter((mark) => mark.kind === 'rectangle' && nameOf(mark) === 'sunken' && mark.y <= line.y && line.y <= mark.y + mark.h);
      grounds.sort(inRows).forEach((ground, i) => {
        const inside = all.filter((mark) => mark !== ground && within(mark, ground));
        const sign = inside.find(({ kind, text }) => kind === 'text' && /^[A-Z]/.test(text));
        if (!sign) return;
        const owner = inside.find(({ kind, h, y }) => kind === 'rectangle' && h <= 2 && y < ground.y + 2);
        const corner = inside.some((mark) => mark.kind === 'shape' && mark.y < ground.y + 2);
        const number = inside.find(({ kind, text }) => kind === 'text' && /^\d+$/.test(text));
        const pips = inside.filter((mark) => mark.y > ground.y + ground.h / 2 && mark.w < 9 && mark.kind !== 'text');
        const told = pips.map((pip) => (pip.kind === 'outline' ? 'cache' : pip.kind === 'shape' ? 'pin' : pip.h < 2 ? 'parent' : nameOf(pip)));
        cells.push(`${hex(Number(line.text) + i)} ${sign.text}${corner ? ' torn off' : ''} ${owner ? nameOf(owner) : 'nobody'}: ${number ? number.text : told.sort().join(' ')}`);
      });
    }
    return cells;
  }

  function frameOverview() {
    const nameOf = palette();
    return marksOf('#frame-overview canvas').sort(inRows).map((square, ppn) => `${hex(ppn)} ${nameOf(square)}`);
  }

  /** The places in a table that its barcode shows; those of the newest step have a colour of their own. */
  function barcode(canvas) {
    const nameOf = palette();
    const all = marks.get(canvas) ?? [];
    const bars = all.filter(({ kind, w }) => kind === 'rectangle' && w < canvas.clientWidth / 2);
    const at = ({ x }) => Math.round((x / canvas.clientWidth) * 512);
    return { sure: bars.filter((bar) => nameOf(bar) === 'ink').map(at), changed: bars.filter((bar) => nameOf(bar) === 'change').map(at) };
  }

  /** What the cells of a grid look like, the empty ones left out. */
  function grid(canvas) {
    const nameOf = palette();
    const all = marks.get(canvas) ?? [];
    const grounds = all.filter((mark) => mark.kind === 'rectangle' && nameOf(mark) === 'sunken').sort(inRows);
    const shapes = all.filter(({ kind }) => kind === 'shape');
    if (grounds.length !== 512) return [`${grounds.length} cells`];
    return grounds.flatMap((ground, index) => {
      const shape = shapes.find((mark) => within(mark, ground));
      if (!shape) return [];
      const ticks = all.filter((mark) => mark.kind === 'rectangle' && nameOf(mark) === 'ink' && within(mark, ground)).map((mark) => (mark.x < ground.x + 1 ? ' A' : ' D'));
      const form = shape.corners === 3 ? 'triangle' : shape.corners > 4 ? 'open' : shape.h < ground.h - 1 ? 'lower half' : shape.w < ground.w - 1 ? 'right half' : 'full';
      return [`${index} ${nameOf(shape)} ${form}${ticks.sort().join('')}`];
    });
  }

  // What is on the page

  const text = (element) => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const all = (selector, of = document) => [...of.querySelectorAll(selector)];
  const isShown = (element) => element !== null && element.checkVisibility();

  function readTables() {
    const lines = [];
    for (const section of all('#tables > section')) {
      const level = section.dataset.level;
      if (level === undefined) lines.push(`end: ${all('header, p', section).map(text).join(' ')}`);
      else lines.push(section.classList.contains('absent') ? `L${level} not reached` : `L${level} ${text(section.querySelector('header code'))}`);
      for (const row of all('.entries tr', section)) lines.push(`L${level} ${all('th, td', row).map(text).join(' ')}`.trim());
      const canvas = section.querySelector('canvas.grid');
      if (canvas) lines.push(...grid(canvas).map((cell) => `L${level} grid ${cell}`));
    }
    return lines;
  }

  function readProcesses() {
    return all('#processes .process').flatMap((process) => {
      const head = `${text(process.querySelector('.badge'))} ${text(process.querySelector('.name'))} ${text(process.querySelector('.tag'))}`.trim();
      return [head, ...all('.size', process).map(text), ...all('.vma', process).map((vma) => [...vma.children].map(text).join(' ')), ...all('.descriptors li', process).map(text)];
    });
  }

  /** The pages that are filled in the strips. */
  const readStrips = () => all('.strip .page title').map(text).filter((title) => !title.endsWith('no frame'));

  function readFiles() {
    return all('#files section.file').flatMap((file) => {
      const head = all('header > *', file).map(text).join(' ');
      const pages = all('.file-page', file).map((page) => `${[...page.children].map(text).join(' ')} ${['cached', 'dirty'].filter((word) => page.classList.contains(word)).join(' ')}`.trim());
      // When a copy was made is not in its row.
      return [head, ...pages, ...all('.copy', file).map((copy) => text(copy).replace(/ at #\d+$/, ''))];
    });
  }

  /** Everything that is painted now, with what it is painted of. */
  function read() {
    const [, at] = /^#(\d+)/.exec(text(document.querySelector('#sequence'))) ?? [];
    const parts = {
      processes: readProcesses(),
      strips: readStrips(),
      tables: readTables(),
      tlb: all('#tlb tbody tr').map((row) => [...row.cells].map(text).join(' ').trim()),
      files: readFiles(),
      privilege: [text(document.querySelector('.light'))],
    };
    if (isShown(document.querySelector('#frames'))) parts.frames = frameMap();
    if (isShown(document.querySelector('#frame-overview'))) parts.overview = frameOverview();
    if (isShown(document.querySelector('#frame-list'))) parts.list = all('#frame-list tbody tr').map((row) => [...row.cells].map(text).join(' | '));
    const barcodes = all('#tables canvas.barcode').map((canvas) => ({ table: Number(canvas.dataset.table), ...barcode(canvas) }));
    const of = {
      pid: Number(document.querySelector('#shown-pid').value),
      va: document.querySelector('#address').value,
      levels: Number(document.querySelector('#tables').dataset.levels ?? 0),
      shape: document.querySelector('[data-shape][aria-pressed=true]').dataset.shape,
      grids: document.querySelector('#tables canvas.grid') !== null,
      rows: all('#tables .entries').map((entries) => entries.rows.length)[0] ?? 0,
      actor: globalThis.faultline.laboratory.story?.fresh ? '' : text(document.querySelector('.step.current .actor')),
    };
    return { at: Number(at), of, parts, barcodes };
  }

  /** The page draws in the next frame, or a few panels in each of the next, and in the one after it what has got another size. */
  async function drawn() {
    const { drawing, laboratory } = globalThis.faultline;
    for (let frames = 0; frames < 3; frames = drawing.left > 0 || laboratory.underway ? 0 : frames + 1) await new Promise(requestAnimationFrame);
  }

  /** Everything was painted since the canvases are watched: those that are there have another size then. */
  async function ready() {
    while (all('#frames canvas, #tables canvas').some((canvas) => !marks.get(canvas)?.length)) await drawn();
  }

  /** Goes to moments by chance and reads each, in one shape of the tables and of the frames after the other. */
  async function seeks(count, seed) {
    const { laboratory } = globalThis.faultline;
    const moments = [];
    let random = seed;
    for (let i = 0; i < count; i++) {
      random = (random * 1103515245 + 12345) % 2 ** 31;
      document.querySelector(`[data-shape=${['rows', 'grid', 'list'][i % 3]}]`).click();
      document.querySelector(`[data-frames=${['map', 'all', 'table'][(i / 3) % 3 | 0]}]`).click();
      laboratory.seek(random % (laboratory.history.head + 1), 'step');
      await drawn();
      moments.push(read());
    }
    for (const shape of ['[data-shape=rows]', '[data-frames=map]']) document.querySelector(shape).click();
    await drawn();
    return moments;
  }

  /** Gives commands one by one and reads again and again meanwhile, until all that they did is painted. */
  async function whileGiving(lab, commands) {
    const moments = [read()];
    for (const command of commands) {
      let last = Infinity;
      const given = fetch(`/api/v1/labs/${lab}/commands`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(command) });
      given.then((answer) => answer.json()).then(({ lastSeq }) => (last = lastSeq));
      while (moments.at(-1).at < last) {
        await drawn();
        const now = read();
        if (now.at !== moments.at(-1).at) moments.push(now);
      }
    }
    return moments;
  }

  // What the server tells

  const isTrue = (value) => String(value) === 'true';
  const hex = (number) => '0x' + number.toString(16);
  const flags = (value) => [...LETTERS].map((letter, i) => ((BigInt(value) >> BigInt(i)) & 1n ? letter : '-')).join('');
  const has = (value, letter) => flags(value).includes(letter);
  const ppnOf = (value) => Number((BigInt(value) >> 10n) & 0xfffffffffffn);
  const isLeaf = (value) => has(value, 'V') && (has(value, 'R') || has(value, 'X'));
  const isResident = ({ value }) => isLeaf(value) || (!has(value, 'V') && has(value, 'G') && BigInt(value) !== GUARD);
  const isSwapped = (value) => !has(value, 'V') && !has(value, 'G') && BigInt(value) !== GUARD && BigInt(value) !== 0n;
  const contains = (vma, va) => BigInt(va) >= BigInt(vma.start) && BigInt(va) < BigInt(vma.end);

  function size(bytes) {
    if (bytes < 2 ** 20) return `${Math.floor(bytes / 102.4) / 10} KiB`;
    const mebibytes = bytes / 2 ** 20;
    return `${mebibytes < 10 ? mebibytes.toFixed(1) : Math.round(mebibytes)} MiB`;
  }

  const isTornOff = (frame) => frame.kind === 'anon' && frame.inode > 0;

  function sign(frame) {
    const letter = isTornOff(frame) ? 'C' : { zero: 'Z', table: 'T', anon: 'A', file: 'F' }[frame.kind];
    const owner = frame.kind === 'file' ? frame.inode : frame.kind === 'zero' ? 0 : frame.pid;
    return letter + (owner > 0 ? owner : '');
  }

  const colourOfProcess = (pid) => (pid > 0 ? `p${((pid - 1) % 6) + 1}` : 'zero');
  const colourOf = (frame) => (frame.kind === 'file' ? 'file' : frame.kind === 'zero' ? 'zero' : colourOfProcess(frame.pid));

  function equation(frame) {
    const term = (number, word, many = word) => (number > 0 ? [`${number} ${number === 1 ? word : many}`] : []);
    const terms = [...term(frame.mappings, 'mapping', 'mappings'), ...term(frame.cached, 'cache'), ...term(frame.pins, 'pin', 'pins'), ...term(frame.parent, 'parent')];
    return `refs ${frame.refs} = ${terms.join(' + ') || 0}`;
  }

  /** Who else sees the byte at the end of a walk. */
  function seen(rows, frame, ppn, pid, page) {
    if (['table', 'zero'].includes(frame.kind)) return '';
    const others = rows.pte
      .filter(({ value, level }) => isLeaf(value) && ppnOf(value) <= ppn && ppn < ppnOf(value) + 512 ** level)
      .map((entry) => ({ pid: entry.pid, va: Number(entry.va) + (ppn - ppnOf(entry.value)) * 4096 }))
      .filter((other) => other.pid !== pid || other.va !== page)
      .sort((a, b) => a.pid - b.pid || a.va - b.va);
    const told = others.map((other) => `P${other.pid} at ${hex(other.va)}`);
    const places = [...(told.length > 3 ? [...told.slice(0, 3), `${told.length - 3} more`] : told), ...(Number(frame.cached) ? ['reads of the file'] : [])];
    return places.length ? ` also seen by ${places.join(', ')}` : ' nobody else sees it';
  }

  function holds(frame, files) {
    const path = files.get(frame.inode)?.path ?? `inode ${frame.inode}`;
    if (frame.kind === 'table') return `page table of P${frame.pid}`;
    if (frame.kind === 'zero') return 'the zero page, shared by all';
    if (frame.kind === 'file') return `page ${frame.page} of ${path} in the page cache`;
    if (!isTornOff(frame)) return `anonymous memory of P${frame.pid}`;
    return `private copy of P${frame.pid}, copied from page ${frame.page} of ${path}${Number(frame.origin) ? ` (frame ${frame.origin})` : ''}`;
  }

  /** What an entry is, as glyph and as the form and colour of its cell. */
  function kindOf(entry, vmas) {
    if (!entry) return ['·', null];
    const { value } = entry;
    if (BigInt(value) === GUARD) return ['⊠', 'muted open'];
    if (isSwapped(value)) return ['↓', 'muted lower half'];
    if (!has(value, 'V')) return ['∅', 'muted open'];
    if (!isLeaf(value)) return ['→', 'muted triangle'];
    if (entry.level > 0) return ['S', 'p1 open'];
    const vma = vmas.find((vma) => vma.pid === entry.pid && contains(vma, entry.va));
    if (!has(value, 'W') && vma?.sharing === 'private' && vma.prot.includes('w')) return ['C', 'p3 triangle'];
    if (has(value, 'W')) return has(value, 'X') ? ['!', 'p1 full'] : ['W', 'p1 full'];
    return has(value, 'X') ? ['X', 'file right half'] : ['R', 'file lower half'];
  }

  /** What ought to be painted, by the rows of all tables at a moment. */
  function expected(rows, of) {
    const files = new Map(rows.file.map((file) => [file.inode, file]));
    const frames = new Map(rows.frame.map((frame) => [Number(frame.ppn), frame]));
    // while a superpage is split its small entries are there already, and the MMU does not come to them
    const isUnder = (entry, leaf) => leaf.pid === entry.pid && leaf.level > entry.level && isLeaf(leaf.value) && BigInt(entry.va) >> BigInt(12 + 9 * leaf.level) === BigInt(leaf.va) >> BigInt(12 + 9 * leaf.level);
    const superpages = rows.pte.filter(({ level, value }) => level > 0 && isLeaf(value));
    const resident = rows.pte.filter((entry) => isResident(entry) && !superpages.some((leaf) => isUnder(entry, leaf)));
    const mapping = (ppn) => rows.pte.filter(({ value, level }) => !isSwapped(value) && BigInt(value) !== GUARD && ppnOf(value) <= ppn && ppn < ppnOf(value) + (isLeaf(value) ? 512 ** level : 1));
    const counts = (entry) => frames.get(ppnOf(entry.value))?.kind !== 'zero';
    const pagesOf = ({ level }) => 512 ** level;
    const framesOf = (pid) => resident.filter((entry) => entry.pid === pid && counts(entry)).flatMap((entry) => Array.from({ length: pagesOf(entry) }, (_, i) => frames.get(ppnOf(entry.value) + i)));

    const processes = rows.process.flatMap((process) => {
      const vmas = rows.vma.filter(({ pid }) => pid === process.pid).sort((a, b) => Number(a.start) - Number(b.start));
      const own = resident.filter(({ pid }) => pid === process.pid);
      const inside = (vma) => own.filter((entry) => contains(vma, entry.va) && counts(entry)).reduce((sum, entry) => sum + pagesOf(entry), 0);
      const swapped = (vma) => rows.pte.filter((entry) => entry.pid === process.pid && isSwapped(entry.value) && contains(vma, entry.va)).length;
      const counted = [...new Set(framesOf(process.pid))].filter(Boolean);
      const sum = (values) => values.reduce((total, value) => total + value, 0);
      const tables = rows.frame.filter(({ kind, pid }) => kind === 'table' && pid === process.pid).length;
      return [
        `P${process.pid} ${process.name} ${process.state === 'running' ? '' : process.state}`.trim(),
        `VSZ ${size(sum(vmas.map((vma) => Number(vma.end) - Number(vma.start))))}`,
        `RSS ${size(4096 * sum(vmas.map(inside)))}`,
        `PSS ${size(sum(counted.map(({ mappings }) => 4096 / Math.max(1, mappings))))}`,
        `USS ${size(4096 * counted.filter(({ mappings }) => mappings === 1).length)}`,
        `page tables ${tables} = ${size(4096 * tables)}`,
        ...vmas.map((vma) => {
          const [start, end, offset] = [vma.start, vma.end, vma.offset].map((value) => BigInt(value).toString(16).padStart(8, '0'));
          const name = vma.path || (vma.inode ? `inode ${vma.inode}` : '(anonymous)');
          const pages = (Number(vma.end) - Number(vma.start)) / 4096;
          return `${start}-${end} ${vma.prot}${vma.sharing[0]} ${offset} ${name} ${inside(vma)} of ${pages} ${pages === 1 ? 'page' : 'pages'}${swapped(vma) ? `, ${swapped(vma)} in swap` : ''}`;
        }),
        ...rows.descriptor.filter(({ pid }) => pid === process.pid).map(({ fd, path, access }) => `fd ${fd} ${path} ${access}`),
      ];
    });

    const told = {
      processes,
      strips: expectedStrips(rows, of, resident, frames),
      tables: expectedTables(rows, of, frames, files),
      tlb: expectedTlb(rows, of),
      files: expectedFiles(rows),
      // the kernel, and the disk for it, act in S-mode also where nothing trapped
      privilege: [rows.hart.length ? `${['KERNEL', 'DISK'].includes(of.actor) ? 'S' : rows.hart[0].privilege}-mode` : '-mode'],
      frames: rows.frame.map((frame) => {
        const pips = [
          ...(frame.kind === 'table' ? [] : mapping(Number(frame.ppn)).slice(0, 4).map(({ pid }) => colourOfProcess(pid))),
          ...(frame.cached ? ['cache'] : []),
          ...Array(Math.min(4, frame.pins)).fill('pin'),
          ...(frame.parent ? ['parent'] : []),
        ];
        return `${frame.ppn} ${sign(frame)}${isTornOff(frame) ? ' torn off' : ''} ${colourOf(frame)}: ${frame.refs > 4 ? frame.refs : pips.sort().join(' ')}`;
      }),
      // which tells that there are more
      list: rows.frame.slice(0, 512).map((frame) => `${frame.ppn} | ${sign(frame)} | ${holds(frame, files)} | ${equation(frame)}`),
    };
    const overview = (ppn) => {
      const frame = frames.get(ppn);
      return !frame ? 'sunken' : frame.kind === 'table' ? 'ink' : colourOf(frame);
    };
    return { told, overview };
  }

  /** Where pages would be too narrow to be told apart, one stands for its neighbours. */
  function expectedStrips(rows, { strips }, resident, frames) {
    return rows.process.flatMap(({ pid }) =>
      rows.vma.filter((vma) => vma.pid === pid).flatMap((vma) =>
        rows.pte.filter((entry) => entry.pid === pid && contains(vma, entry.va) && (isSwapped(entry.value) || resident.includes(entry))).flatMap((entry) =>
          Array.from({ length: 512 ** entry.level }, (_, i) => {
            if (isSwapped(entry.value)) return `${hex(Number(entry.va))}: in swap slot ${BigInt(entry.value) >> 12n}`;
            const frame = frames.get(ppnOf(entry.value) + i);
            return frame ? `${hex(Number(entry.va) + i * 4096)}: frame ${frame.ppn} (${sign(frame)})` : '';
          }).filter((line) => line && (Number(vma.end) - Number(vma.start) <= 64 * 4096 || strips.includes(line))),
        ),
      ),
    );
  }

  function expectedTables(rows, { pid, va: shown, levels, shape, grids, rows: tall }, frames, files) {
    const process = rows.process.find((process) => process.pid === pid);
    if (!process) return [];
    const va = BigInt(shown);
    const entries = new Map(rows.pte.map((entry) => [Number(entry.address), entry]));
    const lines = [];
    let table = Number(process.root);
    let leaf = null;
    let missing = '';
    for (let level = levels - 1; level >= 0; level--) {
      if (table === null) {
        lines.push(`L${level} not reached`);
        continue;
      }
      const index = Number((va >> BigInt(12 + 9 * level)) & 511n);
      lines.push(`L${level} ${hex(table)}`);
      const here = table;
      const row = (i) => {
        const entry = entries.get(here * 4096 + i * 8);
        const [glyph] = kindOf(entry, rows.vma);
        if (!entry) return `L${level} ${i} ${glyph} ········`;
        const target = BigInt(entry.value) === GUARD ? 'guard' : isSwapped(entry.value) ? `slot ${BigInt(entry.value) >> 12n}` : hex(ppnOf(entry.value));
        return `L${level} ${i} ${glyph} ${flags(entry.value)} ${target}`;
      };
      const first = Math.min(Math.max(index - (tall - 1) / 2, 0), 512 - tall);
      const places = [...Array(512).keys()];
      if (shape === 'rows') lines.push(...places.slice(first, first + tall).map(row));
      if (shape === 'list') lines.push(...places.filter((i) => i === index || entries.has(here * 4096 + i * 8)).map(row));
      if (grids) {
        for (const i of places) {
          const entry = entries.get(here * 4096 + i * 8);
          const [, cell] = kindOf(entry, rows.vma);
          const ticks = entry && isLeaf(entry.value) ? ['A', 'D'].filter((bit) => has(entry.value, bit)).map((bit) => ` ${bit}`) : [];
          if (cell) lines.push(`L${level} grid ${i} ${cell}${ticks.join('')}`);
        }
      }
      const entry = entries.get(table * 4096 + index * 8);
      if (!entry || !has(entry.value, 'V')) missing ||= `L${level}[${index}] is not valid: page fault${entry && isSwapped(entry.value) ? `; its page is in swap slot ${BigInt(entry.value) >> 12n}` : ''}`;
      if (entry && isLeaf(entry.value)) leaf = { ...entry, level };
      table = entry && has(entry.value, 'V') && !isLeaf(entry.value) ? ppnOf(entry.value) : null;
    }
    const top = BigInt.asIntN(64, va) >> BigInt(11 + 9 * levels);
    const canonical = top === 0n || top === -1n;
    if (!canonical || !leaf) lines.push(`end: No frame ${canonical ? missing : 'not canonical: page fault before any table is read'}`);
    else {
      const ppn = ppnOf(leaf.value) + Number((va >> 12n) & ((1n << BigInt(9 * leaf.level)) - 1n));
      const frame = frames.get(ppn);
      const words = frame ? ` ${equation(frame)}${seen(rows, frame, ppn, pid, Number(va & ~0xfffn))} ${holds(frame, files)}` : '';
      lines.push(`end: → frame ${hex(ppn)}${frame ? ` ${sign(frame)}` : ''} byte at ${hex(ppn * 4096 + Number(va & 0xfffn))}${words}`);
    }
    return lines;
  }

  function expectedTlb(rows, { pid, va }) {
    const own = rows.process.find((process) => process.pid === pid)?.asid;
    const several = rows.hart.length > 1;
    return rows.tlb.map((row) => {
      const owner = rows.process.findLast(({ asid }) => asid === row.asid);
      const page = row.va === hex(BigInt(va) & ~0xfffn);
      const state = [page && row.asid === own ? '◀ hit' : '', isTrue(row.stale) ? 'stale' : '', row.level > 0 ? `L${row.level}` : ''].filter(Boolean).join(', ');
      return `${several ? `${row.hart} ` : ''}${row.set} ${row.way} ${row.asid}${owner ? `P${owner.pid}` : ''} ${row.va} ${row.ppn} ${row.flags} ${state}`.trim();
    });
  }

  function expectedFiles(rows) {
    const lines = rows.file.filter((file) => !file.path.startsWith('[') || rows.vma.some(({ inode }) => inode === file.inode)).flatMap((file) => {
      const pages = Math.ceil(file.size / 4096);
      const cached = new Map(rows.cached_page.filter(({ inode }) => inode === file.inode).map((page) => [page.page, page]));
      const copies = rows.frame.filter((frame) => isTornOff(frame) && frame.inode === file.inode).sort((a, b) => a.page - b.page || Number(a.ppn) - Number(b.ppn));
      return [
        `F${file.inode} ${file.path} ${file.size.toLocaleString('en')} bytes, ${cached.size} of ${pages} pages cached${file.links === 0 ? ' no name left' : ''}`,
        ...Array.from({ length: pages }, (_, i) => {
          const page = cached.get(i);
          return page ? `${i} ${page.ppn} cached${isTrue(page.dirty) ? ' dirty' : ''}` : `${i} –`;
        }),
        ...copies.map((frame) => `${sign(frame)} ${frame.ppn} copied from page ${frame.page}${Number(frame.origin) ? ` (${frame.origin})` : ''}`),
      ];
    });
    const slots = rows.swap_slot;
    if (slots.length) lines.push(`↓ swap ${slots.length === 1 ? '1 slot' : `${slots.length} slots`} in use`, ...slots.map((slot) => `${slot.slot} ${slot.pid ? `P${slot.pid} ` : ''}`.trim()));
    return lines;
  }

  /** Where what was painted is not what the server tells of the same moment; at most so many differences. */
  async function differences(source, moments, most = 5) {
    const { tables } = await (await fetch('/api/v1/schema')).json();
    const truth = new Map();
    const found = [];
    const compare = (at, part, is, should) => {
      const [surplus, missing] = [is.filter((line) => !should.includes(line)), should.filter((line) => !is.includes(line))];
      if (surplus.length || missing.length) found.push(`at ${at}, ${part}: painted ${JSON.stringify(surplus.slice(0, 4))}, told ${JSON.stringify(missing.slice(0, 4))}`);
      else if (is.length !== should.length) found.push(`at ${at}, ${part}: ${is.length} lines, not ${should.length}`);
    };
    for (const { at, of, parts, barcodes } of moments) {
      if (!truth.has(at)) {
        const rows = {};
        await Promise.all(tables.map(async ({ name }) => (rows[name] = (await (await fetch(`${source}/tables/${name}?at=${at}`)).json()).rows)));
        truth.set(at, rows);
      }
      const rows = truth.get(at);
      const { told, overview } = expected(rows, { ...of, strips: parts.strips });
      for (const [part, lines] of Object.entries(parts)) {
        if (part !== 'overview') compare(at, part, lines, told[part]);
        else lines.forEach((line, ppn) => {
          const marked = line.endsWith(' select') || line.endsWith(' change');
          if (!marked && line !== `${hex(ppn)} ${overview(ppn)}`) found.push(`at ${at}, overview: painted ${line}, told ${overview(ppn)}`);
        });
      }
      for (const { table, sure, changed } of barcodes) {
        const there = rows.pte.filter(({ address }) => Math.floor(Number(address) / 4096) === table).map(({ address }) => (Number(address) % 4096) / 8);
        compare(at, `barcode of ${hex(table)}`, [...sure, ...changed.filter((i) => there.includes(i))], there);
      }
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  watchCanvases();
  return { ready, seeks, whileGiving, differences };
})();
