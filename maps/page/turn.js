// A long city is turned, so that its long axis lies along the window's. Leaflet takes every place through the map's reference system: turned
// there, areas, signs, presses, distances and the scale need not know of it.
const WORTH_TURNING = 1.2; // times larger: for less, people find their way better with north at the top
const cityHull = unpack(content.hull).map(([lat, lng]) => L.latLng(lat, lng));

// The usual system, turned clockwise about the city by so many degrees.
function turnedSystem(degrees) {
  if (!degrees) return L.CRS.EPSG3857;
  const { projection: usual } = L.CRS.EPSG3857, middle = usual.project(L.latLngBounds(cityHull).getCenter()), turn = (degrees * Math.PI) / 180;
  const turned = ({ x, y }, way) => {
    const [cos, sin, east, north] = [Math.cos(turn), way * Math.sin(turn), x - middle.x, y - middle.y];
    return L.point(middle.x + east * cos + north * sin, middle.y - east * sin + north * cos);
  };
  return { ...L.CRS.EPSG3857, projection: { ...usual, project: (place) => turned(usual.project(place), 1), unproject: (point) => usual.unproject(turned(point, -1)) } };
}

// Where places are shown largest within a map's window less its margins: { center, zoom }.
function framing(map, system, places, before, after) {
  const box = L.bounds(places.map((place) => system.latLngToPoint(place, 0))), { x, y } = box.getSize();
  const room = map.getSize().subtract(before).subtract(after), snap = map.options.zoomSnap;
  const fits = Math.log2(Math.min(Math.max(1, room.x) / x, Math.max(1, room.y) / y));
  const zoom = Math.max(map.getMinZoom(), Math.min(map.getMaxZoom(), Math.floor(fits / snap + 1e-6) * snap));
  const center = box.getCenter().multiplyBy(2 ** zoom).add(after.subtract(before).divideBy(2));
  return { fits, zoom, center: system.pointToLatLng(center, zoom) };
}

// Degrees, clockwise, by which a window of such margins shows the city best: 0, or what lays its axis level or upright.
function bestTurn(map, before, after) {
  if (content.axis === null) return 0;
  const nearest = (degrees) => (((degrees % 180) + 270) % 180) - 90; // a line looks the same after half a turn: north stays in the upper half
  const fitOf = (degrees) => framing(map, turnedSystem(degrees), cityHull, before, after).fits;
  const [best] = [90 - content.axis, -content.axis].map(nearest).sort((a, b) => fitOf(b) - fitOf(a));
  return fitOf(best) - fitOf(0) > Math.log2(WORTH_TURNING) ? best : 0;
}

const turnOf = (map) => map.turned || 0;

function turnTo(map, degrees, { center, zoom }) {
  map.turned = degrees;
  map.options.crs = turnedSystem(degrees);
  map.setView(center, zoom, { animate: false, reset: true }); // also where the window's size alone is another: nothing stays shifted
  map.boxZoom[degrees ? "disable" : "enable"](); // Leaflet knows boxes along the meridians alone
  map.north?.show(degrees);
  map.fire("fitted"); // signs stand at their place by now, also where the zoom stayed: names can be set off them
}

// Show places, as the map is turned now.
function showPlaces(map, places, margin) {
  const { center, zoom } = framing(map, map.options.crs, places, margin, margin);
  map.setView(center, zoom, { animate: false });
}

const seesCity = (map) => cityHull.every((place) => L.bounds([[0, 0], map.getSize()]).contains(map.latLngToContainerPoint(place)));

// An arrow to the north, where that is not the top.
const NORTH_PATH = "M0 -12L8 11L0 6L-8 11Z";
const EIGHTHS = ["up", "up and to the right", "to the right", "down and to the right", "down", "down and to the left", "to the left", "up and to the left"];
const northWords = (degrees) => `North is ${EIGHTHS[(Math.round(degrees / 45) + 8) % 8]}`;
// Where the letter stands beyond the arrow's tip
const northLetter = (degrees, far) => [far * Math.sin((degrees * Math.PI) / 180), -far * Math.cos((degrees * Math.PI) / 180)];

const North = L.Control.extend({
  options: { position: "topleft" },
  onAdd() {
    this.box = make("div", { class: "north", role: "img" });
    this.show(0);
    return this.box;
  },
  show(degrees) {
    this.box.hidden = !degrees;
    const words = northWords(degrees), [x, y] = northLetter(degrees, 19), picture = draw("svg", { viewBox: "-27 -27 54 54", width: 54, height: 54, "aria-hidden": "true" });
    const letter = draw("text", { x, y: y + 5, "text-anchor": "middle" });
    letter.textContent = "N";
    picture.append(draw("path", { d: NORTH_PATH, transform: `rotate(${degrees})` }), letter);
    this.box.setAttribute("aria-label", words);
    this.box.title = words;
    this.box.replaceChildren(picture);
  },
});

// The same on a canvas.
function paintNorth(pen, degrees, x, y, size) {
  if (!degrees) return;
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 54, size / 54);
  pen.fillStyle = "rgba(255,255,255,.92)";
  pen.beginPath();
  pen.arc(0, 0, 27, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#16202b";
  pen.font = `700 14px ${TYPEFACE}`;
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  const [left, top] = northLetter(degrees, 19);
  pen.fillText("N", left, top + 5);
  pen.rotate((degrees * Math.PI) / 180);
  pen.fill(new Path2D(NORTH_PATH));
  pen.restore();
}
