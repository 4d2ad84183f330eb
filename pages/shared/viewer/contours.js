// Lines of equal value of a map: marching squares on at most LONGEST_GRID cells a side, in film pixels.

const LONGEST_GRID = 256; // finer lines would follow the noise of a pixel-wise map
const CONTOURS = [0.5, 0.8]; // of the map's largest value
// For each of 16 cases (corners above the level: 1 top left, 2 top right, 4 bottom right, 8 bottom left) the edges
// (0 top, 1 right, 2 bottom, 3 left) that a line joins.
const JOINED = [[], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], []];

/** [{path, value, colour}]: one a level and sign, in the colour that the overlay's scale has at this value. */
function contoursOf(pixels, film, overlay) {
  const grid = coarse(pixels);
  const zero = (0 - overlay.low) / (overlay.high - overlay.low);
  const signs = overlay.signed ? [1, -1] : [1];
  const strongest = grid.values.reduce((most, value) => Math.max(most, ...signs.map((sign) => sign * (value - zero))), 0);
  if (!strongest) return [];
  return signs.flatMap((sign) => CONTOURS.map((share) => {
    const t = zero + sign * share * strongest;
    const value = overlay.low + t * (overlay.high - overlay.low);
    return { path: lineAt(grid, film, t), value, colour: `rgb(${colourAt(overlay, t).slice(0, 3)})` };
  }));
}

/** Means of squares of pixels, as shares of the scale: {width, height, values}. */
function coarse({ width, height, levels, values }) {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST_GRID));
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const [sums, counts] = [new Float32Array(columns * rows), new Float32Array(columns * rows)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const to = Math.floor(y / step) * columns + Math.floor(x / step);
      sums[to] += values[at];
      counts[to]++;
    }
  }
  return { width: columns, height: rows, values: sums.map((sum, at) => sum / counts[at] / levels) };
}

function lineAt({ width, height, values }, film, level) {
  const path = new Path2D();
  const [across, down] = [film.columns / width, film.rows / height];
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = y * width + x;
      const [a, b, c, d] = [values[at], values[at + 1], values[at + width + 1], values[at + width]];
      const joined = JOINED[(a > level) + 2 * (b > level) + 4 * (c > level) + 8 * (d > level)];
      if (!joined.length) continue;
      const cut = (from, to) => (level - from) / (to - from);
      const on = [() => [cut(a, b), 0], () => [1, cut(b, c)], () => [cut(d, c), 1], () => [0, cut(a, d)]];
      for (const edges of joined) {
        const [[x0, y0], [x1, y1]] = edges.map((edge) => on[edge]());
        path.moveTo((x + x0 + 0.5) * across, (y + y0 + 0.5) * down);
        path.lineTo((x + x1 + 0.5) * across, (y + y1 + 0.5) * down);
      }
    }
  }
  return path;
}
