// A renderer whose whole picture is one function. Its canvas moves and zooms as Leaflet's own do and is drawn anew when they rest.
const MARGIN = 0.3; // drawn beyond the window on each side, as a share of it: a pan meets no edge. One for all canvases, for paper lays them together

const Ink = L.Renderer.extend({
  // paint(pen, view); a view has the canvas's size, its corner on the map's layer, what of it the window shows, zoom, and the matrix from
  // local coordinates to its pixels, with the box that it shows of them.
  initialize(pane, paint) {
    L.Renderer.prototype.initialize.call(this, { pane, padding: MARGIN });
    this._paint = paint;
  },
  _initContainer() {
    this._container = document.createElement("canvas");
    this._ctx = this._container.getContext("2d");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
    delete this._ctx;
    delete this._drawn;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds, size = this._bounds.getSize(), dots = L.Browser.retina ? 2 : 1, canvas = this._container;
    L.DomUtil.setPosition(canvas, min);
    // a view that is set fires more than one event; what is drawn already stays
    const place = [min.x, min.y, size.x, size.y, toLayer(this._map)].join();
    if (place === this._drawn) return;
    canvas.width = dots * size.x;
    canvas.height = dots * size.y;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    this._redraw();
    this._drawn = place;
  },
  _redraw() {
    if (!this._ctx) return;
    const { min } = this._bounds, { x: width, y: height } = this._bounds.getSize(), dots = this._container.width / width, pen = this._ctx;
    const corner = this._map.containerPointToLayerPoint([0, 0]).subtract(min), seen = this._map.getSize();
    const [a, b, c, d, e, f] = toLayer(this._map), matrix = [a, b, c, d, e - min.x, f - min.y];
    const toWorld = () => pen.setTransform(...matrix.map((one) => one * dots)), toScreen = () => pen.setTransform(dots, 0, 0, dots, 0, 0);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this._container.width, this._container.height);
    pen.save();
    toScreen();
    this._paint(pen, {
      width, height, dots, corner: min, zoom: this._map.getZoom(), matrix, scale: Math.hypot(a, b), box: boxOf(matrix, width, height), toWorld, toScreen,
      window: { left: corner.x, top: corner.y, right: corner.x + seen.x, bottom: corner.y + seen.y },
    });
    pen.restore();
  },
});
