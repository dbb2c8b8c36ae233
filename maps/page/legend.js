// The legend: what the colors and signs mean now.
function legendEntry(band, text) {
  return make("li", {}, swatch(band.color, band.hatch), make("span", {}, text || band.label));
}

const NOBODY = { color: "#4a4a4a", hatch: "cross", label: "nobody gets there" };

// The classes that the map, or both maps, show; null: none.
function bandsSeen(state) {
  const { view, mode, period } = state;
  const deployments = mode === "both" ? content.names : [mode];
  const cells = period ? content.timeCells : content.cells;
  if (view.key === "area") return new Set(cells.flatMap((cell) => deployments.map((name) => (isNumber(cell.v[suffix(name, period)][3]) ? null : NOBODY))));
  if (!view.scale || view.key === "demand") return new Set();
  return new Set((view.key === "district" ? content.districts : cells).flatMap((place) => deployments.map((name) => (view.key === "group" && paleBand(place, state)) || bandAt({ ...state, mode: name }, place))));
}

// A district without figures has few calls, or none: zero is told.
function notShown() {
  const none = content.districts.some((district) => district.band === "0");
  const few = content.districts.some((district) => district.band !== "0" && !isTold(district.v.plan));
  return none ? (few ? "no call, or not shown, for few calls" : "no call") : "not shown, for few calls";
}

function drawLegend(state) {
  const { view, mode } = state;
  const scale = mode === "change" ? view.change : view.scale;
  const title = document.getElementById("legend_title");
  const classes = document.getElementById("legend_classes");
  const signs = document.getElementById("legend_signs");
  title.textContent = scale ? scale.title : view.title;
  const entries = scale ? scale.bands.map((band) => legendEntry(band)) : [];
  if (view.key === "area") entries.push(make("li", {}, make("span", { class: "swatch outline" }), "sent to most often from the post inside; neighbors in different colors"));
  // what is out of the ordinary is named where it is to be seen
  const seen = bandsSeen(state);
  for (const band of [...(scale ? [scale.untold, scale.gained, scale.lost, scale.missing] : []), ...(view.key === "area" ? [NOBODY] : view.key === "group" ? [RARE, UNSAID] : [])]) if (band && seen.has(band)) entries.push(legendEntry(band));
  if (view.key === "district" && seen.has(null)) entries.push(legendEntry({ color: "#d7dadd", hatch: "" }, notShown()));
  const onDuty = view.key === "surface" ? new Response(null).dutyWords(["both", "change"].includes(mode) ? content.names : [mode], state.period) : "";
  document.getElementById("legend_rests").textContent = view.rests ? `${view.rests}${onDuty} ` : "";
  classes.replaceChildren(...entries);
  classes.hidden = !entries.length;
  const used = new Set(content.posts.flatMap((post) => content.names.flatMap((name) => post.crew[name].map(([kind]) => kind))));
  const kinds = state.overlays.posts ? content.glyphs.filter((glyph, i) => used.has(i)).map((glyph) => make("li", {}, sign(glyph, 20), named(glyph.title))) : [];
  if (state.overlays.posts && mode === "change") kinds.push(make("li", {}, "+1 added, \u22121 removed (hollow: none left), = as many"));
  if (state.overlays.posts && mode !== "change") kinds.push(make("li", {}, make("span", { class: "badge" }, "2"), "how many, where more than one"));
  if (state.overlays.posts && state.period && mode !== "change") kinds.push(make("li", {}, make("span", { class: "badge" }, PARTLY), "on duty for part of this time"));
  if (state.overlays.posts && state.period) kinds.push(make("li", {}, make("span", { class: "badge" }, "\u00d7"), "off duty at this time"));
  if (state.overlays.candidates) kinds.push(make("li", {}, make("span", { class: "candidate" }), "candidate post, not used"));
  kinds.push(...groundLegend());
  signs.replaceChildren(...kinds);
}
