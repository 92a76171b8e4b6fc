/**
 * Colours for canvases, and how much larger than on a laptop's screen things are drawn, taken from the style sheet so that
 * there is one source for them. The browser resolves each variable on a hidden element, because light-dark() has no value
 * of its own.
 */
const NAMES = ['ink', 'muted', 'line', 'panel', 'sunken', 'select', 'change', 'accent', 'good', 'bad', 'mmu', 'kernel', 'file', 'zero', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'];

/** @type {Record<string, string>} */
let colours = {};
let scale = 1;

/** Reads all again; after the theme or the window has changed. */
export function readPalette() {
  const probe = document.createElement('span');
  probe.hidden = true;
  // where colours are forced canvases keep these, for what they say would be lost
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  colours = Object.fromEntries(
    NAMES.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  scale = Number(getComputedStyle(probe).getPropertyValue('--drawn')) || 1;
  probe.remove();
}

/** @param {string} name */
export const colourOf = (name) => colours[name] ?? '#888';

/** CSS pixels of what is drawn as one: more where the screen is larger. */
export const drawnScale = () => scale;

/** A canvas of the given size, sharp on this screen. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height @param {number} [pixels] CSS pixels of a unit */
export function sharp(canvas, width, height, pixels = scale) {
  const ratio = (devicePixelRatio || 1) * pixels;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width * pixels}px`;
    canvas.style.height = `${height * pixels}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
