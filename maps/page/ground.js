// Water and parks beneath the roads; lakes lie in parks, so water is drawn last.
const GROUND = [["parks", "#dbe6cf", "Park"], ["water", "#b9c9d6", "Water"]];

// Draw each in its pane: { parks: canvas, water: canvas }.
function drawGround(map, canvases) {
  return L.layerGroup(GROUND.filter(([key]) => content[key].length).map(([key, color]) =>
    L.polygon(unpackArea(content[key]), { pane: canvases[key].options.pane, renderer: canvases[key], stroke: false, fillColor: color, fillOpacity: 1, interactive: false }))).addTo(map);
}

function groundLegend() {
  return GROUND.filter(([key]) => content[key].length).map(([, color, title]) => {
    const swatch = make("span", { class: "swatch" });
    swatch.style.backgroundColor = color;
    return make("li", {}, swatch, title);
  });
}
