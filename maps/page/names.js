// Where districts' names stand: in their district, off the signs and off each other.
const ASIDE = [];
for (let y = -48; y <= 48; y += 8) for (let x = -72; x <= 72; x += 12) ASIDE.push([x, y]);
ASIDE.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

// Whether a place lies inside: the even-odd rule over all rings of all parts.
function holds(shape, { lat, lng }) {
  let inside = false;
  for (const ring of shape.flat()) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [y, x] = ring[i], [toY, toX] = ring[j];
      if (y > lat !== toY > lat && lng < x + ((toX - x) * (lat - y)) / (toY - y)) inside = !inside;
    }
  }
  return inside;
}

const extentOf = (map, shape) => L.bounds(shape.flat(2).map((place) => map.latLngToLayerPoint(place))).getSize();

const LONG_EM = 20; // a longer name is cut off at its district's width

const SMALL_PX = 600; // across: of a phone
const MOST_NAMES_SMALL = 5; // there, so that streets find room for theirs

// The largest district chooses first. Where there is no room for the name, its figure alone may find some; where there is none for
// that either, both are hidden until the map is closer, as are the smaller ones' on a small map that shows the whole city: the search and the
// tables have them all.
function spread(map, markers, signs) {
  const taken = signs.map((node) => node.getBoundingClientRect());
  const pane = map.getContainer().getBoundingClientRect();
  const isCut = ({ left, right, top, bottom }) => [pane.left, pane.right].some((edge) => left < edge && right > edge) || [pane.top, pane.bottom].some((edge) => top < edge && bottom > edge);
  const free = (box) => !isCut(box) && !taken.some((b) => box.left < b.right + 3 && box.right > b.left - 3 && box.top < b.bottom + 1 && box.bottom > b.top - 1);
  const labels = markers.map((marker) => ({ marker, text: marker.getElement()?.firstElementChild })).filter(({ text }) => text);
  for (const label of labels) label.size = extentOf(map, label.marker.options.shape);
  for (const { text, size } of labels) {
    Object.assign(text.style, { left: "0px", top: "0px" });
    text.firstElementChild.style.maxWidth = `max(${LONG_EM}em, ${size.x}px)`;
  }
  const unname = (text, on) => text.firstElementChild.classList.toggle("unseen", on); // but read out
  for (const { text } of labels) unname(text, false);
  for (const label of labels) label.boxes = [label.text.getBoundingClientRect()];
  for (const { text } of labels) unname(text, text.childElementCount > 1);
  for (const label of labels) if (label.text.childElementCount > 1) label.boxes.push(label.text.getBoundingClientRect());
  const most = pane.width < SMALL_PX && seesCity(map) ? MOST_NAMES_SMALL : Infinity;
  let named = 0;
  for (const { marker, text, boxes } of labels.sort((a, b) => b.size.x * b.size.y - a.size.x * a.size.y)) {
    if (named === most) {
      text.style.visibility = "hidden";
      continue;
    }
    const at = map.latLngToLayerPoint(marker.getLatLng());
    const inside = (shift) => (!shift[0] && !shift[1]) || holds(marker.options.shape, map.layerPointToLatLng(at.add(shift)));
    const moved = ({ left, right, top, bottom }, [x, y]) => ({ left: left + x, right: right + x, top: top + y, bottom: bottom + y });
    let place, whole;
    for (whole of boxes) {
      place = ASIDE.find((shift) => free(moved(whole, shift)) && inside(shift));
      if (place) break;
    }
    unname(text, boxes.length > 1 && whole !== boxes[0]);
    text.style.visibility = place ? "visible" : "hidden";
    if (!place) continue;
    named += 1;
    Object.assign(text.style, { left: `${place[0]}px`, top: `${place[1]}px` });
    taken.push(moved(whole, place));
  }
}
