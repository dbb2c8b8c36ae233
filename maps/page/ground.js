// Draw water and parks, each in its pane: { parks: canvas, water: canvas }.
function drawGround(map, canvases) {
  return L.layerGroup(GROUND.filter(([key]) => content[key].length).map(([key, color]) =>
    L.polygon(unpackArea(content[key]), { pane: canvases[key].options.pane, renderer: canvases[key], stroke: false, fillColor: color, fillOpacity: 1, interactive: false }))).addTo(map);
}

function groundLegend() {
  const areas = GROUND.filter(([key]) => content[key].length).map(([, color, title]) => make("li", {}, swatch(color), title));
  return content.rail?.length ? [...areas, make("li", {}, make("span", { class: "swatch rail" }), "Rail")] : areas;
}
