// What people know the city by, from the extract that its roads come from: rail, and names of rivers, lakes and parks.
const RAIL = { color: "#5c6670", weight: 2.2, opacity: 0.85, fill: false, lineCap: "butt" };
const RAIL_TIES = { color: "#ffffff", weight: 1.1, opacity: 0.95, dashArray: "5 6", fill: false, lineCap: "butt" };
const RIVER = 7; // a kind beside those of streets
const PLACE_INK = { park: "#37602b", water: "#2a577d", district: "#16202b" };

// Rail in use and above ground, over areas: as on paper, dark and light in turn.
function railLines(renderer) {
  const lines = content.rail.map(unpack), pane = renderer.options.pane, style = { pane, renderer, interactive: false };
  return L.layerGroup([L.polyline(lines, { ...style, ...RAIL }), L.polyline(lines, { ...style, ...RAIL_TIES })]);
}

// Rivers as lines that names are written along, and names of parks and waters at their place, in local steps.
const localLine = (line) => {
  let x = 0, y = 0;
  return Array.from({ length: line.length / 2 }, (_, i) => [x += line[2 * i], localY(y += line[2 * i + 1])]);
};
const riverChains = () => content.rivers.map(([name, line]) => {
  const track = new Track(localLine(line));
  return { name, kind: RIVER, isLink: 0, line: track.line, length: track.length };
});
const namedPlaces = () => content.places.map(([name, kind, line, side]) => ({ name, kind, at: localLine(line)[0], side: side / METERS_A_STEP }));
