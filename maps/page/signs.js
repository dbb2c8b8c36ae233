// Signs of the responder types, as SVG: shape, letter, color.
const SVG = "http://www.w3.org/2000/svg";
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

const PARTLY = "\u25d0";

// What stands at a post in a view: [kind, text of the badge, hollow, faded]; nothing where nobody is on duty.
function crewSigns(post, mode, period) {
  if (mode !== "change") return post.crew[suffix(mode, period)].map(([kind, count, , whole]) => [kind, (count > 1 ? String(count) : "") + (whole < count ? PARTLY : ""), false, false]);
  const counts = (name) => new Map(post.crew[suffix(name, period)].map(([kind, count]) => [kind, count]));
  const plan = counts("plan"), today = counts("today");
  return [...new Set([...today.keys(), ...plan.keys()])].sort((a, b) => a - b).map((kind) => {
    const delta = (plan.get(kind) || 0) - (today.get(kind) || 0);
    return [kind, delta === 0 ? "=" : signed(delta, 0), !plan.get(kind), delta === 0];
  });
}

// A post whose crew is off duty at the time shown keeps its place: its signs are hollow and crossed out.
function crewIcon(post, mode, period) {
  const there = crewSigns(post, mode, period);
  const signs = there.length ? there : crewSigns(post, mode, "").map(([kind]) => [kind, "\u00d7", true, true]);
  const crew = make("div", { class: "crew", "aria-hidden": "true" }, ...signs.map(([kind, badge, hollow, faded]) =>
    make("span", { class: faded ? "unit faded" : "unit" }, sign(content.glyphs[kind], 26, hollow), badge ? make("span", { class: "badge" }, badge) : null)));
  const box = make("div", {}, crew, make("span", { class: "unseen" }, crewWords(post, mode, period)));
  return L.divIcon({ html: box, className: there.length ? "post" : "post closed", iconSize: [26 * signs.length + 4, 30], iconAnchor: [13 * signs.length + 2, 15] });
}

function crewWords(post, mode, period) {
  const words = crewSigns(post, mode, period).map(([kind, badge]) => `${badge.replace(PARTLY, "") || "1"} ${content.glyphs[kind].title}${badge.includes(PARTLY) ? ", part of this time" : ""}`);
  return `${post.name}: ${words.join(", ") || "nobody on duty at this time"}`;
}
