// Coordinates come as whole steps from an origin, each point as its difference from the one before.
const content = JSON.parse(document.getElementById("content").textContent);

function unpack(line) {
  const [lon, lat] = content.origin;
  const points = new Array(line.length / 2);
  let x = 0, y = 0;
  for (let i = 0; i < line.length; i += 2) {
    x += line[i];
    y += line[i + 1];
    points[i / 2] = [lat + y * content.step, lon + x * content.step];
  }
  return points;
}

const unpackArea = (polygons) => polygons.map((rings) => rings.map(unpack));
const unpackPoint = (point) => unpack(point)[0];

// Many lines as one layer: each corner is worked out once, not again with every zoom, and goes straight onto the canvas.
const Streets = L.Path.extend({
  initialize(lines, options) {
    L.setOptions(this, { interactive: false, ...options });
    const [west, south] = content.origin;
    const size = lines.reduce((sum, line) => sum + line.length, 0);
    this._corners = new Float64Array(size); // x, y in pixels of zoom 0
    this._ends = new Uint32Array(lines.length);
    this._box = L.bounds([]);
    let at = 0;
    lines.forEach((line, k) => {
      let x = 0, y = 0;
      for (let i = 0; i < line.length; i += 2) {
        x += line[i];
        y += line[i + 1];
        const lat = ((south + y * content.step) * Math.PI) / 180;
        this._corners[at++] = 256 * (0.5 + (west + x * content.step) / 360);
        this._corners[at++] = 128 * (1 - Math.asinh(Math.tan(lat)) / Math.PI);
      }
      this._ends[k] = at;
    });
    for (let i = 0; i < at; i += 2) this._box.extend(L.point(this._corners[i], this._corners[i + 1]));
  },
  _project() {
    const origin = this._map.getPixelOrigin();
    this._shift = [origin.x, origin.y];
    this._scale = 2 ** this._map.getZoom();
    this._pxBounds = L.bounds([this._box.min, this._box.max].map((corner) => corner.multiplyBy(this._scale).subtract(origin)));
  },
  _update() {
    this._updatePath();
  },
  _updatePath() {
    const { _ctx: pen, _bounds: seen, _drawing: drawing } = this._renderer;
    if (!drawing) return;
    const { _corners: corners, _ends: ends, _scale: scale, _shift: [left, top] } = this;
    const { x: west, y: north } = seen.min, { x: east, y: south } = seen.max;
    pen.beginPath();
    let i = 0;
    for (const end of ends) {
      let x = corners[i] * scale - left, y = corners[i + 1] * scale - top;
      let isOn = false;
      for (i += 2; i < end; i += 2) {
        const toX = corners[i] * scale - left, toY = corners[i + 1] * scale - top;
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

// The page can be used from now on; `drawn` is noted once the browser has painted all of it.
function ready() {
  document.body.dataset.ready = "yes";
  requestAnimationFrame(() => setTimeout(() => performance.mark("drawn")));
}

// Text is only ever set as text: nothing from the data is read as HTML.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const named = (text) => make("bdi", {}, text);
