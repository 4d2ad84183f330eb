// Mouse, touch and keys on the canvas, told to the viewer as moves, zooms and grey changes.

const CLICK = 4; // CSS pixels that a hand moves within a click

function listenTo(canvas, frame, viewer) {
  const ratio = () => window.devicePixelRatio || 1;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * ratio(), (event.clientY - box.top) * ratio()];
  };
  const fingers = new Map(); // pointer -> its last place; one moves, two pinch
  let greying = false;
  let travelled = 0; // device pixels since the button went down: a click has none

  canvas.addEventListener("pointerdown", (event) => {
    greying = event.button === 2 || event.shiftKey;
    travelled = 0;
    fingers.set(event.pointerId, at(event));
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add("moving");
  });

  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    const last = fingers.get(event.pointerId);
    if (!last) return viewer.point(x, y);
    travelled += Math.hypot(x - last[0], y - last[1]);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
      viewer.zoom(apart([x, y]) / apart(last), (x + other[0]) / 2, (y + other[1]) / 2);
    } else if (greying) {
      viewer.shiftGreys((x - last[0]) / canvas.width, (y - last[1]) / canvas.height);
    } else {
      viewer.move(x - last[0], y - last[1]);
    }
    fingers.set(event.pointerId, [x, y]);
  });

  const lift = (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) canvas.classList.remove("moving");
  };
  canvas.addEventListener("pointerup", (event) => {
    if (!greying && fingers.size === 1 && travelled < CLICK * ratio()) viewer.pick(...at(event));
    lift(event);
  });
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => viewer.point(null));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => viewer.fit());
  canvas.addEventListener("wheel", (event) => {
    if (event.deltaY > 0 && viewer.camera.fitted && !event.ctrlKey) return; // nothing to zoom out of: scroll the page
    event.preventDefault();
    viewer.zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 300), ...at(event));
  }, { passive: false });

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const step = 60 * ratio();
    const keys = {
      "+": () => viewer.zoom(1.25), "=": () => viewer.zoom(1.25), "-": () => viewer.zoom(0.8),
      0: () => viewer.fit(), 1: () => viewer.oneToOne(), f: () => viewer.fullScreen(),
      i: () => viewer.press("invert"), l: () => viewer.press("outline"), m: () => viewer.toggleMap(), c: () => viewer.press("contours"),
      r: () => viewer.preset("stored"), "[": () => viewer.fade(-0.1), "]": () => viewer.fade(0.1),
      ArrowLeft: () => viewer.move(step, 0), ArrowRight: () => viewer.move(-step, 0),
      ArrowUp: () => viewer.move(0, step), ArrowDown: () => viewer.move(0, -step),
    };
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own (R, C)
    act();
  });
}
