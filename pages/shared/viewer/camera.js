// Where the film lies on the screen. `scale` is device pixels per film pixel; (x, y) is the film point at the centre.

class Camera {
  constructor(film) {
    this.film = film;
    this.fitted = true;
    this.scale = 1;
    this.size = [1, 1];
    this.centre();
  }

  centre() {
    [this.x, this.y] = [this.film.columns / 2, this.film.rows / 2];
  }

  get fitScale() {
    return Math.min(this.size[0] / this.film.columns, this.size[1] / this.film.rows);
  }

  /** The stage is now width x height device pixels. */
  resize(width, height) {
    this.size = [width, height];
    if (this.fitted) this.fit();
  }

  /** What another camera needs to look at the same place. */
  get pose() {
    const { fitted, scale, x, y } = this;
    return { fitted, scale, x, y };
  }

  fit() {
    this.fitted = true;
    this.scale = this.fitScale;
    this.centre();
  }

  /** Multiply the scale, keeping the film point under device pixel (px, py) where it is. */
  zoom(factor, px = this.size[0] / 2, py = this.size[1] / 2) {
    const [fx, fy] = this.toFilm(px, py);
    const scale = Math.min(Math.max(this.scale * factor, Math.min(1, this.fitScale)), Math.max(32, this.fitScale));
    this.fitted = Math.abs(scale / this.fitScale - 1) < 1e-6;
    this.scale = scale;
    this.x = fx - (px - this.size[0] / 2) / scale;
    this.y = fy - (py - this.size[1] / 2) / scale;
    this.keepInside();
  }

  move(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.keepInside();
  }

  keepInside() {
    const inside = (value, length, stage) => {
      const half = stage / 2 / this.scale;
      return 2 * half >= length ? length / 2 : Math.min(Math.max(value, half), length - half);
    };
    this.x = inside(this.x, this.film.columns, this.size[0]);
    this.y = inside(this.y, this.film.rows, this.size[1]);
  }

  /** Top left corner of the film in device pixels, whole so that 1:1 is exact. */
  get corner() {
    return [Math.round(this.size[0] / 2 - this.x * this.scale), Math.round(this.size[1] / 2 - this.y * this.scale)];
  }

  toFilm(px, py) {
    const [left, top] = this.corner;
    return [(px - left) / this.scale, (py - top) / this.scale];
  }
}
