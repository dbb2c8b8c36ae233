// Many lines as one layer, drawn on a canvas through one matrix: no corner is worked out again with a zoom or a turn.
const Streets = L.Path.extend({
  initialize(lines, options) {
    L.setOptions(this, { interactive: false, ...options });
    const size = lines.reduce((sum, line) => sum + line.length, 0);
    this._corners = new Float64Array(size); // x, y in local coordinates
    this._ends = new Uint32Array(lines.length);
    this._box = L.bounds([]);
    let at = 0;
    lines.forEach((line, k) => {
      let x = 0, y = 0;
      for (let i = 0; i < line.length; i += 2) {
        x += line[i];
        y += line[i + 1];
        this._corners[at++] = x;
        this._corners[at++] = localY(y);
      }
      this._ends[k] = at;
    });
    for (let i = 0; i < at; i += 2) this._box.extend(L.point(this._corners[i], this._corners[i + 1]));
  },
  _project() {
    const [a, b, c, d, e, f] = (this._matrix = toLayer(this._map)), { min, max } = this._box;
    this._pxBounds = L.bounds([[min.x, min.y], [max.x, min.y], [min.x, max.y], [max.x, max.y]].map(([x, y]) => L.point(a * x + c * y + e, b * x + d * y + f)));
  },
  _update() {
    this._updatePath();
  },
  _updatePath() {
    const { _ctx: pen, _bounds: seen, _drawing: drawing } = this._renderer;
    if (!drawing) return;
    const { _corners: corners, _ends: ends, _matrix: [a, b, c, d, e, f] } = this;
    const { x: west, y: north } = seen.min, { x: east, y: south } = seen.max;
    const across = (i) => a * corners[i] + c * corners[i + 1] + e, down = (i) => b * corners[i] + d * corners[i + 1] + f;
    pen.beginPath();
    let i = 0;
    for (const end of ends) {
      let x = across(i), y = down(i);
      let isOn = false;
      for (i += 2; i < end; i += 2) {
        const toX = across(i), toY = down(i);
        const isNear = Math.abs(toX - x) + Math.abs(toY - y) < 1 && i + 2 < end; // a bend too small to be seen
        if (isNear) continue;
        const isSeen = Math.max(x, toX) >= west && Math.min(x, toX) <= east && Math.max(y, toY) >= north && Math.min(y, toY) <= south;
        if (isSeen && !isOn) pen.moveTo(x, y);
        if (isSeen) pen.lineTo(toX, toY);
        isOn = isSeen;
        x = toX;
        y = toY;
      }
    }
    this._renderer._fillStroke(pen, this);
  },
});

