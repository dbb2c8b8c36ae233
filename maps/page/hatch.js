// A canvas that can hatch areas and write a figure into them, so that color does not tell alone.
const tiles = new Map();

function hatch(kind) {
  if (!tiles.has(kind)) {
    const size = { lines: 9, dense: 5, cross: 7 }[kind];
    const tile = document.createElement("canvas");
    const scale = 2;
    tile.width = tile.height = size * scale;
    const pen = tile.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = kind === "cross" ? "rgba(255,255,255,.55)" : `rgba(70,25,0,${kind === "lines" ? 0.38 : 0.5})`;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
      if (kind === "cross") {
        pen.moveTo(shift - 1, -1);
        pen.lineTo(shift + size + 1, size + 1);
      }
    }
    pen.stroke();
    const pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix([1 / scale, 0, 0, 1 / scale, 0, 0]));
    tiles.set(kind, pattern);
  }
  return tiles.get(kind);
}

function lightness(color) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255);
  return 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2;
}

const figureFont = (px) => `600 ${px}px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif`;

const HatchCanvas = L.Canvas.extend({
  _fillStroke(pen, layer) {
    L.Canvas.prototype._fillStroke.call(this, pen, layer);
    const { hatched } = layer.options;
    if (hatched && layer.options.fill) {
      pen.globalAlpha = 1;
      pen.fillStyle = hatch(hatched);
      pen.fill("evenodd");
    }
  },
  // Figures come last, so that no neighbor lies on them.
  _draw() {
    L.Canvas.prototype._draw.call(this);
    this._drawing = true;
    this.figures().forEach((place) => this._writeFigure(place));
    this._drawing = false;
  },
  // Where a figure stands, with the pen's font set for it; null where it has no room.
  _placeOf(layer) {
    const { figure, figureAt } = layer.options;
    if (!figure || !layer._pxBounds || !this._bounds.intersects(layer._pxBounds)) return null;
    const size = layer._pxBounds.getSize();
    const height = Math.min(15, Math.max(10, size.x / 4));
    this._ctx.font = figureFont(height);
    const { width } = this._ctx.measureText(figure);
    return Math.min(size.x, size.y) < width + 12 ? null : { at: this._map.latLngToLayerPoint(figureAt), width, height };
  },
  // Boxes on the map's layer that figures may not lie on.
  keepFree(boxes) {
    this._kept = boxes;
    if (this._ctx) this._redraw();
  },
  // The figures that are written, with their boxes on the map's layer; none on another, nor on what is kept free.
  figures() {
    const out = [], places = [];
    for (let order = this._drawFirst; order; order = order.next) places.push({ layer: order.layer, ...this._placeOf(order.layer) });
    const written = places.filter(({ at }) => at), taken = written.length ? new Taken(this._kept) : null;
    for (const place of written) {
      const box = { left: place.at.x - place.width / 2 - 2, right: place.at.x + place.width / 2 + 2, top: place.at.y - place.height / 2, bottom: place.at.y + place.height / 2 };
      if (taken.hits(box)) continue;
      taken.add(box);
      out.push({ ...place, ...box });
    }
    return out;
  },
  _writeFigure({ layer, at, height }) {
    const { figure, fillColor } = layer.options, pen = this._ctx;
    pen.font = figureFont(height);
    const dark = lightness(fillColor) < 0.32;
    pen.globalAlpha = 1;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = dark ? "rgba(0,0,0,.45)" : "rgba(255,255,255,.8)";
    pen.fillStyle = dark ? "#ffffff" : "#16202b";
    pen.strokeText(figure, at.x, at.y);
    pen.fillText(figure, at.x, at.y);
  },
});
