// Films and maps unpacked from what Python's pack.py sent, shared by the viewers of this tab, held in memory only.

const unpacked = new Map(); // identity -> {promise, resolve, started}
const couriers = new Map(); // mounted courier -> identity it carries

function slotOf(identity) {
  if (!unpacked.has(identity)) {
    const slot = { started: false };
    slot.promise = new Promise((resolve) => { slot.resolve = resolve; });
    unpacked.set(identity, slot);
  }
  return unpacked.get(identity);
}

/** The grey values {id, width, height, levels, values} of a film or map, once they have come. */
const pixelsOf = (identity) => slotOf(identity).promise;

function receive(bytes, courier) {
  const end = bytes.indexOf(10);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  couriers.set(courier, header.id);
  const slot = slotOf(header.id);
  if (!slot.started) {
    slot.started = true;
    unpack(header, bytes.subarray(end + 1)).then(slot.resolve);
  }
  dropUncarried();
  return () => { couriers.delete(courier); dropUncarried(); };
}

function dropUncarried() {
  const carried = new Set(couriers.values());
  for (const [identity, slot] of unpacked) if (slot.started && !carried.has(identity)) unpacked.delete(identity);
}

async function unpack(header, body) {
  const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("deflate"));
  const steps = new Uint8Array(await new Response(stream).arrayBuffer());
  const { width, height, levels } = header;
  const size = width * height;
  const deep = levels > 255;
  const values = deep ? new Uint16Array(size) : new Uint8Array(size);
  for (let row = 0, at = 0; row < height; row++) {
    let value = 0;
    for (let column = 0; column < width; column++, at++) {
      value += deep ? (steps[at] << 8) | steps[size + at] : steps[at];
      values[at] = value; // a typed array keeps the remainder, as the differences were taken
    }
  }
  performance.mark("film-or-map-unpacked");
  return { ...header, values };
}
