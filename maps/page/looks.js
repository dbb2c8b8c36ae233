// How things look, on every page alike: signs of the responder types, areas, streets, ground, swatches of a legend.
const SVG = "http://www.w3.org/2000/svg";
const TYPEFACE = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const OUTLINES = {
  circle: "M12 1.5a10.5 10.5 0 1 1 0 21a10.5 10.5 0 1 1 0-21z",
  square: "M4 2h16a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z",
  diamond: "M12 .5L23.5 12L12 23.5L.5 12z",
  hexagon: "M6.5 2h11L23 12l-5.500 10h-11L1 12z",
  shield: "M12 1l10 3v8c0 6-5 9.500-10 11C7 21.500 2 18 2 12V4z",
  triangle: "M12 1L23.500 22H.5z",
};

function draw(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function sign(glyph, size, hollow = false) {
  const svg = draw("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", class: "sign" });
  svg.append(
    draw("path", { d: OUTLINES[glyph.shape], fill: hollow ? "#ffffff" : glyph.color, stroke: hollow ? glyph.color : "#ffffff", "stroke-width": hollow ? 2.5 : 1.5 }),
    draw("text", { x: 12, y: glyph.shape === "triangle" ? 18.5 : 16.5, "text-anchor": "middle", "font-size": glyph.shape === "triangle" ? 11 : 13, "font-weight": 700, fill: hollow ? glyph.color : "#ffffff" }, glyph.letter));
  return svg;
}

// A responder at a post: its sign, and a badge where one sign does not tell all.
function unit(glyph, badge, { hollow = false, faded = false } = {}) {
  const box = document.createElement("span");
  box.className = faded ? "unit faded" : "unit";
  box.append(sign(glyph, 26, hollow));
  if (badge) {
    const more = document.createElement("span");
    more.className = "badge";
    more.textContent = badge;
    box.append(more);
  }
  return box;
}

const AREA = { stroke: true, color: "#ffffff", weight: 0.5, opacity: 0.7, fillOpacity: 0.86 };
const STREET = Object.fromEntries(Object.entries({ minor: [0.6, 0.24], middle: [1, 0.38], major: [1.5, 0.5] }).map(([rank, [weight, opacity]]) => [rank, { weight, opacity, color: "#36424d" }]));
const BORDER = { color: "#2b3640", weight: 1.3, opacity: 0.75, dashArray: "5 4", fill: false };
const LAND = { color: "#c3ccd4", weight: 1, fillColor: "#fbfbf9", fillOpacity: 1 };
// Water and parks beneath the roads; lakes lie in parks, so water is drawn last.
const GROUND = [["parks", "#dbe6cf", "Park"], ["water", "#b9c9d6", "Water"]];

function swatch(color, hatched = "") {
  const box = document.createElement("span");
  box.className = hatched ? `swatch hatch-${hatched}` : "swatch";
  box.style.backgroundColor = color; // through the object model: a policy may forbid style attributes
  return box;
}
