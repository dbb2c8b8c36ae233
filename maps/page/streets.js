// Streets of the road graph on a canvas: thin and dark over areas, white with an edge over a surface.
const TILE = 1500; // local steps, about 1.3 km: what is out of sight is not drawn
// Widths at zoom 12, 14, 16 and 18 of motorway, trunk, primary, secondary, tertiary, other streets, service roads; and their edge
const ROADS = [
  { widths: [2.6, 4.6, 9, 17], edge: "#8f9aa3" },
  { widths: [2.3, 4.2, 8.5, 16], edge: "#98a2aa" },
  { widths: [1.9, 3.8, 8, 16], edge: "#a4adb4" },
  { widths: [1.5, 3.2, 7.2, 15], edge: "#adb5bb" },
  { widths: [1.1, 2.6, 6.4, 14], edge: "#b8bfc4" },
  { widths: [0.5, 1.5, 5, 12], edge: "#c6cbcf" },
  { widths: [0.2, 0.7, 2.6, 6], edge: "#d5d9dc" },
];
const RANK_OF_KIND = ["major", "major", "major", "major", "middle", "minor", "minor"];
const OVER = { edge: "rgba(58,76,92,.55)", thin: "rgba(255,255,255,.8)" }; // over a surface

function widthAt(widths, zoom) {
  const way = Math.max(0, Math.min(2.999, (zoom - 12) / 2)), i = Math.floor(way);
  return widths[i] * (widths[i + 1] / widths[i]) ** (way - i) * (zoom < 12 ? 2 ** (zoom - 12) : 1);
}

// One path for each tile and kind: { kind, isLink, path, box }.
function roadTiles(chains) {
  const tiles = new Map();
  for (const { kind, isLink, line } of chains) {
    let last = null;
    for (let i = 1; i < line.length; i += 1) {
      const [x, y] = line[i - 1], [toX, toY] = line[i], key = [Math.floor((x + toX) / 2 / TILE), Math.floor((y + toY) / 2 / TILE), kind, isLink].join();
      if (!tiles.has(key)) tiles.set(key, { kind, isLink, path: new Path2D(), box: [Infinity, Infinity, -Infinity, -Infinity] });
      const { path, box } = tiles.get(key);
      if (key !== last) path.moveTo(x, y);
      path.lineTo(toX, toY);
      box.splice(0, 4, Math.min(box[0], x, toX), Math.min(box[1], y, toY), Math.max(box[2], x, toX), Math.max(box[3], y, toY));
      last = key;
    }
  }
  return [...tiles.values()];
}

// Streets as one ink; `isWhite` says how they are drawn.
class StreetsInk {
  constructor(chains) {
    this.tiles = roadTiles(chains);
    this.isWhite = false;
    this.ink = new Ink("roads", (pen, view) => this.paint(pen, view));
  }

  paint(pen, view) {
    const [west, north, east, south] = view.box, px = 1 / view.scale;
    const seen = this.tiles.filter(({ box }) => box[0] < east && box[2] > west && box[1] < south && box[3] > north);
    const stroke = (kind, isLink) => seen.filter((tile) => tile.kind === kind && tile.isLink === isLink).forEach(({ path }) => pen.stroke(path));
    const each = (draw) => ROADS.map((road, kind) => kind).reverse().forEach((kind) => [1, 0].forEach((isLink) => draw(kind, isLink, widthAt(ROADS[kind].widths, view.zoom) * (isLink ? 0.6 : 1))));
    view.toWorld(pen);
    pen.lineCap = "round";
    pen.lineJoin = "round";
    if (!this.isWhite) {
      each((kind, isLink) => {
        const { color, weight, opacity } = STREET[RANK_OF_KIND[kind]];
        Object.assign(pen, { strokeStyle: color, globalAlpha: opacity, lineWidth: weight * px });
        stroke(kind, isLink);
      });
      pen.globalAlpha = 1;
      return;
    }
    each((kind, isLink, width) => {
      if (width < 1.6) return;
      Object.assign(pen, { strokeStyle: OVER.edge, lineWidth: (width + (width > 5 ? 1.6 : 1.1)) * px });
      stroke(kind, isLink);
    });
    each((kind, isLink, width) => {
      Object.assign(pen, { strokeStyle: width < 1.6 ? OVER.thin : "#ffffff", lineWidth: Math.max(0.5, width) * px });
      stroke(kind, isLink);
    });
  }
}
