// Names of streets, along the line: what matters more, then what is longer, is named first. A name lies on no other, on no sign, figure,
// district's name, caption, legend or button; it comes again where the street runs on, and stays where it was while the map is moved.
// By kind, from motorways down, rivers last: from which zoom on, and how large. Service roads are not named.
const INK = "#2b343c";
const LETTERS = [[10, 12, 600], [10, 12, 600], [10, 12, 600], [12, 12.5, 600], [13.6, 12, 500], [14.4, 12, 500], [Infinity, 12, 500], [9, 13, "italic 600", PLACE_INK.water]].map(([from, px, weight, ink = INK]) => ({ from, px, weight, ink }));
const AFAR = 12.7; // below this zoom the whole city is looked at, and few names are enough
const MOST_AFAR = 8;
const PLACE_PX = 12;
const placeFont = (kind) => `${kind === "district" ? "700" : "italic 600"} ${PLACE_PX}px ${TYPEFACE}`;
const TAG_FONT = `700 14px ${TYPEFACE}`;
const MOST_TAGS = 3;
const AGAIN_PX = 380; // from one place of a name to the next
const SHORTER = [["Street", "St"], ["Avenue", "Ave"], ["Boulevard", "Blvd"], ["Road", "Rd"], ["Drive", "Dr"], ["Parkway", "Pkwy"], ["Place", "Pl"], ["Lane", "Ln"], ["Court", "Ct"], ["Square", "Sq"], ["Terrace", "Ter"], ["Highway", "Hwy"], ["Expressway", "Expy"]].map(([long, short]) => [new RegExp(`\\b${long}\\b`), short]);
const shortened = (name) => SHORTER.reduce((text, [long, short]) => text.replace(long, short), name);

// Boxes on the canvas that letters may not lie on: what stands on the map and over it, and figures written into areas.
function keptFree(map, view, figures) {
  const pane = map.getContainer(), { left, top } = pane.getBoundingClientRect(), { window: seen, corner } = view;
  const above = [...pane.querySelectorAll(".crew, .badge, .dot, .district-name span, .leaflet-control"), ...pane.closest(".canvas").querySelectorAll(".caption, .legend, .attribution")];
  const boxes = above.filter((node) => getComputedStyle(node).visibility !== "hidden").map((node) => node.getBoundingClientRect()).filter((b) => b.width);
  return [
    ...boxes.map((b) => ({ left: b.left - left + seen.left - 3, right: b.right - left + seen.left + 3, top: b.top - top + seen.top - 2, bottom: b.bottom - top + seen.top + 2 })),
    ...figures.map((b) => ({ left: b.left - corner.x, right: b.right - corner.x, top: b.top - corner.y, bottom: b.bottom - corner.y })),
  ];
}

const boxAround = (x, y, wide) => ({ left: x - wide / 2 - 2, right: x + wide / 2 + 2, top: y - 9, bottom: y + 9 });

class StreetNames {
  // figures() gives boxes on the map's layer; tags(view) what is written off the streets, [text, [[x, y], ...], color] each with places to choose from.
  constructor(map, chains, figures, tags) {
    this.map = map;
    this.figures = figures;
    this.tags = tags;
    this.streets = [...riverChains(), ...chains.filter(({ name, isLink }) => name && !isLink)];
    this.landmarks = namedPlaces();
    this.ink = new Ink("words", (pen, view) => this.paint(pen, view));
    this.put = [];
    this.widths = new Map();
  }

  widthOf(pen, font, text) {
    const key = font + text;
    if (!this.widths.has(key)) {
      pen.font = font;
      this.widths.set(key, pen.measureText(text).width);
    }
    return this.widths.get(key);
  }

  paint(pen, view) {
    const stand = `${view.zoom}/${turnOf(this.map)}`, stays = this.stand === stand ? this.put : [];
    this.stand = stand;
    this.put = this.places(pen, view, stays);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const tag of this.tagged) this.writeTag(pen, tag);
    for (const isHalo of [true, false]) for (const { font, px, pieces, ink } of [...this.placed, ...this.put]) for (const piece of pieces) this.write(pen, piece, font, px, isHalo, ink);
  }

  // Streets near enough and long enough to be named at this zoom, as tracks on the canvas.
  near({ zoom, width, height, scale, matrix: [a, b, c, d, e, f] }) {
    const near = this.streets.filter(({ kind, length }) => zoom >= LETTERS[kind].from && length * scale > 40);
    return near.map((street) => ({ street, line: street.line.map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]) }))
      .filter(({ line }) => line.some(([x], i) => i && Math.max(x, line[i - 1][0]) > 0 && Math.min(x, line[i - 1][0]) < width && Math.max(line[i][1], line[i - 1][1]) > 0 && Math.min(line[i][1], line[i - 1][1]) < height))
      .map(({ street, line }) => ({ street, track: new Track(line) }));
  }

  places(pen, view, stays) {
    const taken = new Taken(keptFree(this.map, view, this.figures()));
    this.tagged = this.setTags(pen, view, taken);
    this.placed = this.setPlaces(pen, view, taken);
    const again = new Map(), out = [], tracks = this.near(view), trackOf = new Map(tracks.map(({ street, track }) => [street, track]));
    const inside = ({ left, right, top, bottom }, box) => left > box.left && right < box.right && top > box.top && bottom < box.bottom;
    const whole = { left: 0, top: 0, right: view.width, bottom: view.height };
    const set = (street, track, way, words, within) => {
      const { px, weight, ink } = LETTERS[street.kind], font = `${weight} ${px}px ${TYPEFACE}`, width = this.widthOf(pen, font, words);
      if (view.zoom < AFAR && out.length >= MOST_AFAR) return;
      const [x, y] = track.at(way + width / 2), before = again.get(street.name) || [];
      if (before.some((other) => Math.hypot(other[0] - x, other[1] - y) < Math.max(AGAIN_PX, 2.2 * width))) return;
      const boxes = squaresAlong(track, way, way + width, px);
      if (boxes.some((box) => !inside(box, within) || taken.hits(box))) return;
      const pieces = lay(track, way, words, px, (text) => this.widthOf(pen, font, text));
      if (!pieces) return;
      boxes.forEach((box) => taken.add(box));
      again.set(street.name, [...before, [x, y]]);
      out.push({ street, way, words, font, px, pieces, boxes, ink });
    };
    for (const { street, way, words } of stays) if (trackOf.has(street)) set(street, trackOf.get(street), way, words, whole);
    // first where the window shows them, then in the margin around it
    for (const within of [view.window, whole]) {
      for (const { street, track } of tracks) {
        const { px, weight } = LETTERS[street.kind], font = `${weight} ${px}px ${TYPEFACE}`;
        const texts = [street.name, shortened(street.name)], words = (view.zoom < AFAR ? texts.reverse() : texts).find((text) => this.widthOf(pen, font, text) < 0.94 * track.length);
        if (words) for (const way of waysToTry(track.length, this.widthOf(pen, font, words), view.zoom < AFAR ? TRY_AFAR_PX : TRY_PX)) set(street, track, way, words, within);
      }
    }
    return out;
  }

  // Parks and waters, on some pages districts too, are named at their place, where they are about as wide as the name: the largest first.
  setPlaces(pen, { matrix: [a, b, c, d, e, f], scale, width, height }, taken) {
    return this.landmarks.flatMap(({ name, kind, at: [x, y], side }) => {
      const font = placeFont(kind), wide = this.widthOf(pen, font, name), [px, py] = [a * x + c * y + e, b * x + d * y + f];
      if (side * scale < 0.6 * wide || px < 0 || py < 0 || px > width || py > height) return [];
      const free = [0, 14, -14, 28, -28].find((shift) => !taken.hits(boxAround(px, py + shift, wide)));
      if (free === undefined) return [];
      taken.add(boxAround(px, py + free, wide));
      return [{ font, px: PLACE_PX, pieces: [[name, px, py + free, 0]], ink: PLACE_INK[kind] }];
    });
  }

  write(pen, [text, x, y, turn], font, px, isHalo, ink) {
    pen.save();
    pen.translate(x, y);
    pen.rotate(turn);
    pen.font = font;
    pen.lineWidth = 0.3 * px;
    pen.strokeStyle = "rgba(255,255,255,.92)";
    pen.fillStyle = ink;
    if (isHalo) pen.strokeText(text, 0, 0.5);
    else pen.fillText(text, 0, 0.5);
    pen.restore();
  }

  // Tags lie well inside the window, clear of all that stands there and apart from each other.
  setTags(pen, view, taken) {
    const { window: seen } = view;
    return this.tags(view).flatMap(([text, places, color]) => {
      const out = [], wide = this.widthOf(pen, TAG_FONT, text) / 2 + 8;
      for (const [x, y] of places) {
        const box = { left: x - wide, right: x + wide, top: y - 12, bottom: y + 12 };
        if (out.length === MOST_TAGS) break;
        if (box.left < seen.left + 8 || box.right > seen.right - 8 || box.top < seen.top + 8 || box.bottom > seen.bottom - 8) continue;
        if (taken.hits(box) || out.some((other) => Math.hypot(other.x - x, other.y - y) < AGAIN_PX)) continue;
        taken.add(box);
        out.push({ text, x, y, wide, color });
      }
      return out;
    });
  }

  writeTag(pen, { text, x, y, wide, color }) {
    pen.font = TAG_FONT;
    pen.fillStyle = color;
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.roundRect(x - wide, y - 11, 2 * wide, 22, 11);
    pen.fill();
    pen.stroke();
    pen.fillStyle = "#ffffff";
    pen.fillText(text, x, y + 0.5);
  }
}
