// One viewer: its settings, its controls and when to paint. No control here talks to Python.

const LEAST_WIDTH = 0.61; // of a window of up to 1440 pixels: no film is made narrower than this to fit the height
const TOP_BAR = 68; // CSS pixels of the page above a viewer, and a little air
const settings = new Map(); // pose -> greys and place of its films, kept while moving between pages
const viewers = new WeakMap(); // mounted element -> Viewer
const linked = new Map(); // link -> the viewers that look at one place with one grey scale

class Viewer {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.${name}`);
    this.canvas = root.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.stage = this.part("stage");
    this.maps = new Map(); // identity -> painted layer
    this.within = false;
    this.shown = null;
    listenTo(this.canvas, this.part("viewer"), this);
    this.listenToControls();
    this.relayOut = () => this.layOut();
    this.observer = new ResizeObserver(this.relayOut);
    this.observer.observe(this.part("viewer"));
    this.observer.observe(this.stage);
    window.addEventListener("resize", this.relayOut);
  }

  destroy() {
    linked.get(this.scene?.link)?.delete(this);
    this.observer.disconnect();
    window.removeEventListener("resize", this.relayOut);
  }

  async update(scene, tell) {
    this.wanted = scene;
    this.tell = tell;
    const pixels = await pixelsOf(scene.film.id);
    const maps = await Promise.all(scene.overlays.map((overlay) => pixelsOf(overlay.id)));
    if (this.wanted !== scene) return; // a later rerun came first
    this.takeFilm(scene, pixels);
    this.takeMaps(scene, maps);
    this.lungs = scene.lungs.length ? pathOf(scene.lungs) : null;
    this.part("outline").hidden = !this.lungs;
    this.part("preset").querySelector("[value=lungs]").hidden = !this.lungs;
    this.canvas.setAttribute("aria-label", scene.alt);
    this.part("viewer").classList.toggle("plain", !scene.controls);
    this.canvas.classList.toggle("pick", scene.pick);
    this.part("viewer").hidden = false;
    this.layOut();
    this.showGreys();
  }

  takeFilm(scene, pixels) {
    const same = this.scene?.film.id === scene.film.id;
    linked.get(this.scene?.link)?.delete(this);
    this.scene = scene;
    if (scene.link) linked.set(scene.link, (linked.get(scene.link) ?? new Set()).add(this));
    if (same) return;
    this.film = layerOf(pixels);
    const known = settings.get(scene.pose);
    this.greys = { window: 1, level: 0.5, invert: false, ...known?.greys };
    this.camera = new Camera(scene.film);
    if (scene.controls) Object.assign(this.camera, known?.pose);
    paintGreys(this.film, this.greys);
    this.canvas.dataset.film = scene.film.id;
  }

  takeMaps(scene, maps) {
    const fresh = scene.overlays.find((overlay) => !this.maps.has(overlay.id));
    const painted = scene.overlays.map((overlay, at) => [overlay.id, this.maps.get(overlay.id) ?? layerOf(maps[at])]);
    for (const [at, [, layer]] of painted.entries()) {
      paintMap(layer, scene.overlays[at]);
      layer.lines = null;
    }
    this.maps = new Map(painted);
    const select = this.part("overlay");
    const options = scene.overlays.map((overlay) => new Option(overlay.label, overlay.id));
    select.replaceChildren(new Option("None", ""), ...options);
    if (fresh) this.shown = fresh.id;
    if (!this.maps.has(this.shown)) this.shown = null;
    select.value = this.shown ?? "";
    this.part("map-tools").hidden = !scene.overlays.length;
    this.showLegend();
  }

  get overlay() {
    return this.scene.overlays.find((overlay) => overlay.id === this.shown);
  }

  layOut() {
    if (!this.scene) return;
    this.stage.style.height = `${this.stageHeight()}px`;
    const ratio = window.devicePixelRatio || 1;
    const box = this.stage.getBoundingClientRect();
    const size = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (size[0] < 1 || size[1] < 1) return;
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) [this.canvas.width, this.canvas.height] = size;
    this.camera.resize(...size);
    this.draw();
  }

  stageHeight() {
    if (this.scene.height) return this.scene.height;
    const shape = this.scene.film.rows / this.scene.film.columns;
    const widest = this.stage.clientWidth * shape;
    const chrome = this.part("tools").offsetHeight + this.part("foot").offsetHeight + TOP_BAR;
    const inWindow = Math.max(window.innerHeight - chrome, 240);
    if (this.within) return Math.min(widest, inWindow);
    return Math.min(widest, Math.max(inWindow, LEAST_WIDTH * Math.min(window.innerWidth, 1440) * shape));
  }

  draw() {
    if (this.scene.controls) settings.set(this.scene.pose, { greys: { ...this.greys }, pose: this.camera.pose });
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const lungs = this.part("outline").ariaPressed === "true" ? this.lungs : null;
      const opacity = Number(this.part("opacity").value);
      const ratio = window.devicePixelRatio || 1;
      const lines = this.lines();
      const map = lines ? null : this.maps.get(this.shown);
      drawStage(this.context, this.camera, { film: this.film, map, lines, opacity, lungs, boxes: this.scene.boxes, ratio });
      this.part("zoom").value = `${Math.round(100 * this.camera.scale)} %`;
      this.canvas.dataset.drawn = String(Number(this.canvas.dataset.drawn ?? 0) + 1);
    });
  }

  /** The contours of the map that is shown, where they are wanted in place of its colours. */
  lines() {
    const layer = this.maps.get(this.shown);
    if (!layer || this.part("contours").ariaPressed !== "true") return null;
    layer.lines ??= contoursOf(layer.pixels, this.scene.film, this.overlay);
    return layer.lines;
  }

  listenToControls() {
    const on = (name, event, act) => this.part(name).addEventListener(event, act);
    on("preset", "change", (event) => this.preset(event.target.value));
    on("window", "input", (event) => this.setGreys({ window: Number(event.target.value) }));
    on("level", "input", (event) => this.setGreys({ level: Number(event.target.value) }));
    on("invert", "click", () => this.setGreys({ invert: !this.greys.invert }, this.part("preset").value));
    on("outline", "click", (event) => { this.toggle(event.currentTarget); this.draw(); });
    on("overlay", "change", (event) => { this.shown = event.target.value || null; this.showLegend(); this.draw(); });
    on("opacity", "input", () => this.draw());
    on("contours", "click", (event) => { this.toggle(event.currentTarget); this.showLegend(); this.draw(); });
    on("out", "click", () => this.zoom(0.8));
    on("in", "click", () => this.zoom(1.25));
    on("fit", "click", () => this.fit());
    on("one", "click", () => this.oneToOne());
    on("full", "click", () => this.fullScreen());
  }

  toggle(button) {
    button.ariaPressed = String(button.ariaPressed !== "true");
  }

  press(name) {
    this.part(name).click();
  }

  setGreys(change, preset = "own") {
    Object.assign(this.greys, change);
    this.greys.window = Math.min(Math.max(this.greys.window, 0.01), 1);
    this.greys.level = Math.min(Math.max(this.greys.level, 0), 1);
    this.part("preset").value = preset;
    this.repaint();
    this.lead();
  }

  repaint() {
    this.showGreys();
    cancelAnimationFrame(this.painting);
    this.painting = requestAnimationFrame(() => { paintGreys(this.film, this.greys); this.draw(); });
  }

  /** Linked viewers look where this one looks, with its greys. */
  lead() {
    for (const other of linked.get(this.scene.link) ?? []) if (other !== this) other.follow(this);
  }

  follow({ camera, greys }) {
    Object.assign(this.camera, camera.pose);
    if (this.camera.fitted) this.camera.fit();
    this.greys = { ...greys };
    this.repaint();
  }

  shiftGreys(across, down) {
    this.setGreys({ window: this.greys.window + across, level: this.greys.level + down });
  }

  preset(name) {
    const pixels = this.film.pixels;
    const within = name === "lungs" && this.lungs ? insideLungs(pixels, this.scene.film, this.scene.lungs) : undefined;
    const shares = { stored: null, contrast: [0.005, 0.995], lungs: [0.02, 0.98], dense: [0.5, 0.999] }[name];
    const [low, high] = shares ? percentiles(pixels, shares, within) : [0, 1];
    this.setGreys({ window: Math.max(high - low, 0.01), level: (high + low) / 2 }, name);
  }

  showGreys() {
    const top = 2 ** this.scene.film.bits - 1;
    for (const name of ["window", "level"]) {
      this.part(name).value = this.greys[name];
      this.part(`${name}-value`).value = String(Math.round(this.greys[name] * top));
    }
    this.part("invert").ariaPressed = String(this.greys.invert);
    if (this.greys.window === 1 && this.greys.level === 0.5) this.part("preset").value = "stored";
  }

  showLegend() {
    const overlay = this.overlay;
    this.part("legend").hidden = !overlay;
    if (!overlay) return;
    const round = (value) => String(Number(value.toPrecision(2)));
    const lines = this.lines();
    for (const name of ["low", "ramp", "high"]) this.part(name).hidden = Boolean(lines);
    this.part("levels").textContent = lines ? `lines at ${lines.map(({ value }) => round(value)).join(", ")}` : "";
    this.part("ramp").style.backgroundImage = rampOf(overlay);
    this.part("legend-label").textContent = overlay.label;
    this.part("low").textContent = round(overlay.low);
    this.part("high").textContent = round(overlay.high);
    this.part("unit").textContent = overlay.unit;
  }

  toggleMap() {
    const select = this.part("overlay");
    if (select.options.length < 2) return;
    this.before = this.shown ?? this.before ?? select.options[1].value;
    this.shown = this.shown ? null : this.before;
    select.value = this.shown ?? "";
    this.showLegend();
    this.draw();
  }

  fade(change) {
    const slider = this.part("opacity");
    slider.value = Number(slider.value) + change;
    this.draw();
  }

  zoom(factor, x, y) { this.camera.zoom(factor, x, y); this.draw(); this.lead(); }

  move(dx, dy) { this.camera.move(dx, dy); this.draw(); this.lead(); }

  oneToOne() { this.zoom(1 / this.camera.scale); }

  fit() {
    if (this.camera.fitted) this.within = !this.within;
    this.camera.fit();
    this.layOut();
    this.lead();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.part("viewer").requestFullscreen();
  }

  /** Tell Python which place of the film device pixel (x, y) is, where it asked to know. */
  pick(x, y) {
    const [column, row] = this.camera.toFilm(x, y);
    const { columns, rows } = this.scene.film;
    if (this.scene.pick && column >= 0 && row >= 0 && column < columns && row < rows)
      this.tell("picked", [row / rows, column / columns]);
  }

  /** Say what is under device pixel (x, y), or nothing when the pointer left. */
  point(x, y) {
    const { columns, rows, bits } = this.scene.film;
    const [column, row] = x === null ? [-1, -1] : this.camera.toFilm(x, y).map(Math.floor);
    const on = column >= 0 && row >= 0 && column < columns && row < rows;
    const valueIn = ({ width, height, levels, values }) =>
      values[Math.floor(((row + 0.5) * height) / rows) * width + Math.floor(((column + 0.5) * width) / columns)] / levels;
    const texts = !on ? [] : [`row ${row}, column ${column}`, `grey ${Math.round(valueIn(this.film.pixels) * (2 ** bits - 1))}`];
    const map = on && this.maps.get(this.shown);
    if (map) {
      const value = this.overlay.low + valueIn(map.pixels) * (this.overlay.high - this.overlay.low);
      texts.push(`map ${Number(value.toPrecision(3))} ${this.overlay.unit}`);
    }
    this.part("readout").textContent = texts.join("  ·  ");
  }
}

export default function ({ data, key, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) return receive(data, key);
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  viewers.get(parentElement).update(data, setTriggerValue);
  return () => { viewers.get(parentElement)?.destroy(); viewers.delete(parentElement); };
}
