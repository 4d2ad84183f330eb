// Grey values and maps to pixels on the screen.

function layerOf(pixels) {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(pixels.width, pixels.height);
  return { pixels, canvas, context, image, words: new Uint32Array(image.data.buffer) };
}

/** Paint a film layer: greys below level - window / 2 are black, above level + window / 2 white. */
function paintGreys(layer, { window, level, invert }) {
  const { values, levels } = layer.pixels;
  const table = new Uint32Array(levels + 1);
  for (let at = 0; at <= levels; at++) {
    const share = Math.min(Math.max((at / levels - level) / window + 0.5, 0), 1);
    const grey = Math.round(255 * (invert ? 1 - share : share));
    table[at] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  for (let at = 0; at < values.length; at++) layer.words[at] = table[values[at]];
  layer.context.putImageData(layer.image, 0, 0);
}

const hexToRgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** [red, green, blue, alpha in 0..1] at share t of the scale; see-through where the map is about zero. */
function colourAt(overlay, t) {
  const place = t * (overlay.colours.length - 1);
  const index = Math.min(Math.floor(place), overlay.colours.length - 2);
  const [from, to] = [hexToRgb(overlay.colours[index]), hexToRgb(overlay.colours[index + 1])];
  const amount = overlay.signed ? Math.abs(2 * t - 1) : t;
  const alpha = Math.min(Math.max((amount - 0.04) / 0.36, 0), 1);
  return [...from.map((value, at) => Math.round(value + (to[at] - value) * (place - index))), alpha];
}

function paintMap(layer, overlay) {
  const { values, levels } = layer.pixels;
  const table = new Uint32Array(1024);
  for (let at = 0; at < 1024; at++) {
    const [red, green, blue, alpha] = colourAt(overlay, at / 1023);
    table[at] = ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  for (let at = 0; at < values.length; at++) layer.words[at] = table[Math.round((values[at] / levels) * 1023)];
  layer.context.putImageData(layer.image, 0, 0);
}

function rampOf(overlay) {
  const stops = Array.from({ length: 21 }, (_, at) => {
    const [red, green, blue, alpha] = colourAt(overlay, at / 20);
    return `rgba(${red},${green},${blue},${alpha.toFixed(2)})`;
  });
  return `linear-gradient(90deg, ${stops.join(",")})`;
}

/** Greys at the given shares of a film's histogram, as shares of the scale; `within` picks pixels (default: all). */
function percentiles({ values, levels }, shares, within = () => true) {
  const counts = new Uint32Array(levels + 1);
  let total = 0;
  for (let at = 0; at < values.length; at++) if (within(at)) { counts[values[at]]++; total++; }
  return shares.map((share) => {
    let seen = 0;
    for (let grey = 0; grey <= levels; grey++) { seen += counts[grey]; if (seen > share * total) return grey / levels; }
    return 1;
  });
}

function insideLungs(pixels, film, lungs) {
  const context = new OffscreenCanvas(pixels.width, pixels.height).getContext("2d");
  context.scale(pixels.width / film.columns, pixels.height / film.rows);
  context.fill(pathOf(lungs));
  const { data } = context.getImageData(0, 0, pixels.width, pixels.height);
  return (at) => data[4 * at + 3] > 127;
}

function pathOf(polygons) {
  const path = new Path2D();
  for (const points of polygons) {
    points.forEach(([x, y], at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  return path;
}

function drawLines(context, camera, path, colour, ratio) {
  context.save();
  context.translate(...camera.corner);
  context.scale(camera.scale, camera.scale);
  context.lineJoin = context.lineCap = "round";
  for (const [width, style] of [[3.4, "rgba(0,0,0,0.55)"], [1.6, colour]]) {
    context.lineWidth = (width * ratio) / camera.scale;
    context.strokeStyle = style;
    context.stroke(path);
  }
  context.restore();
}

function drawBoxes(context, camera, boxes, ratio) {
  const [x0, y0] = camera.corner;
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  for (const [label, left, top, right, bottom] of boxes) {
    const [x, y] = [x0 + left * camera.scale, y0 + top * camera.scale];
    context.strokeStyle = context.fillStyle = "#ffd166";
    context.lineWidth = 1.6 * ratio;
    context.strokeRect(x, y, (right - left) * camera.scale, (bottom - top) * camera.scale);
    context.fillText(label, x, y - 4 * ratio);
  }
}

/** Everything on the stage, from the film up. Film pixels show as squares only when they are large. */
function drawStage(context, camera, { film, map, lines, opacity, lungs, boxes, ratio }) {
  const [width, height] = camera.size;
  const [left, top] = camera.corner;
  const size = [camera.film.columns * camera.scale, camera.film.rows * camera.scale];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const sentScale = size[0] / film.pixels.width;
  context.imageSmoothingEnabled = sentScale !== 1 && sentScale / ratio < 6;
  context.imageSmoothingQuality = "high";
  context.drawImage(film.canvas, left, top, ...size);
  if (map) {
    context.imageSmoothingEnabled = true;
    context.globalAlpha = opacity;
    context.drawImage(map.canvas, left, top, ...size);
    context.globalAlpha = 1;
  }
  for (const { path, colour } of lines ?? []) drawLines(context, camera, path, colour, ratio);
  if (lungs) drawLines(context, camera, lungs, "#4de1c1", ratio);
  drawBoxes(context, camera, boxes, ratio);
}
