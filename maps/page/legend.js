// The legend: what the colors and signs mean now.
function legendEntry(band, text) {
  return make("li", {}, swatch(band.color, band.hatch), make("span", {}, text || band.label));
}

function drawLegend(state) {
  const { view, mode } = state;
  const scale = mode === "change" ? view.change : view.scale;
  const title = document.getElementById("legend_title");
  const classes = document.getElementById("legend_classes");
  const signs = document.getElementById("legend_signs");
  title.textContent = scale ? scale.title : view.title;
  const entries = scale ? scale.bands.map((band) => legendEntry(band)) : [];
  if (scale && scale.missing) entries.push(legendEntry(scale.missing));
  if (view.key === "area") {
    entries.push(make("li", {}, make("span", { class: "swatch outline" }), "served first by the post inside; neighbors in different colors"));
    entries.push(legendEntry({ color: "#4a4a4a", hatch: "cross" }, "nobody gets there"));
  }
  if (view.key === "district") entries.push(legendEntry({ color: "#d7dadd", hatch: "" }, "too few calls to show"));
  document.getElementById("legend_free").hidden = view.key === "demand" || view.key === "plain";
  classes.replaceChildren(...entries);
  classes.hidden = !entries.length;
  const used = new Set(content.posts.flatMap((post) => content.names.flatMap((name) => post.crew[name].map(([kind]) => kind))));
  const kinds = state.overlays.posts ? content.glyphs.filter((glyph, i) => used.has(i)).map((glyph) => make("li", {}, sign(glyph, 20), named(glyph.title))) : [];
  if (state.overlays.posts && mode === "change") kinds.push(make("li", {}, "+1 added, \u22121 removed (hollow: none left), = stays"));
  if (state.overlays.posts && mode !== "change") kinds.push(make("li", {}, make("span", { class: "badge" }, "2"), "how many, where more than one"));
  if (state.overlays.posts && state.period && mode !== "change") kinds.push(make("li", {}, make("span", { class: "badge" }, PARTLY), "on duty for part of this time"));
  if (state.overlays.posts && state.period) kinds.push(make("li", {}, make("span", { class: "badge" }, "\u00d7"), "off duty at this time"));
  if (state.overlays.candidates) kinds.push(make("li", {}, make("span", { class: "candidate" }), "candidate post, not used"));
  kinds.push(...groundLegend());
  signs.replaceChildren(...kinds);
}
