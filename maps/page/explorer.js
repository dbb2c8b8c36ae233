// Put the page together: sliders choose a precomputed plan; map, figures and frontier follow; the address keeps the choice.
const positions = content.sliders.map(() => 0);
const keyOf = (at) => at.join(",");
const plans = new Map(content.points.map((point) => [keyOf(point.at), point]));
let before = null;

const inputs = content.sliders.map((slider, i) => document.getElementById(`slider_${i}`));
const outputs = content.sliders.map((slider, i) => document.getElementById(`value_${i}`));

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  content.sliders.forEach((slider, i) => {
    const found = slider.values.indexOf(Number(given.get(slider.key)));
    if (given.has(slider.key) && found >= 0) positions[i] = found;
  });
}

function writeAddress() {
  const state = new URLSearchParams(content.sliders.map((slider, i) => [slider.key, String(slider.values[positions[i]])]));
  history.replaceState(null, "", `#${state}`);
}

function budgetNow() {
  const slider = content.sliders.findIndex((one) => one.kind === "dollars");
  return slider < 0 ? null : content.sliders[slider].values[positions[slider]];
}

function cards(point) {
  const list = document.getElementById("figures");
  list.replaceChildren(...FIGURES.map((figure) => {
    const value = point ? point[figure.key] : null;
    const [words, verdict] = before && point ? changeText(figure, value, before[figure.key]) : ["", "same"];
    return make("li", figure.unit === "$" ? { class: "money" } : {}, make("span", { class: "label" }, figure.title), make("span", { class: "value" }, figureText(figure, value)),
      make("span", { class: `change ${verdict}` }, words));
  }));
  const status = document.getElementById("status");
  status.textContent = point ? `${point.status}.` : "No plan was made for these limits.";
  document.getElementById("cost_words").textContent = costWords(point, budgetNow());
}

function words(point) {
  const chosen = content.sliders.map((slider, i) => [`${slider.title}: ${shown(slider.values[positions[i]], slider.kind)}`, 15, 400]);
  const figures = FIGURES.map((figure) => [`${figure.title}: ${figureText(figure, point ? point[figure.key] : null)}`, 16, 600]);
  const notices = [...document.querySelectorAll(".notices li")].map((item) => [item.textContent.trim(), 13, 400]);
  return [[content.title, 22, 700], ...chosen, ...figures, [costWords(point, budgetNow()), 13, 400], [point ? point.status : "", 13, 400], ...notices];
}

// The frontier: what each budget buys; a point is a button.
const PLOT = { width: 360, height: 230, left: 46, right: 12, top: 12, bottom: 40 };
const bought = content.points.filter((point) => isNumber(point.cost) && isNumber(point.share));
const standby = bought.some((point) => isNumber(point.budgeted));
const most = { cost: Math.max(1, ...bought.map((p) => p.cost)) * 1.04, share: Math.max(1, ...bought.map((p) => p.share)) * 1.08 };
const plotX = (cost) => PLOT.left + (cost / most.cost) * (PLOT.width - PLOT.left - PLOT.right);
const plotY = (share) => PLOT.height - PLOT.bottom - (share / most.share) * (PLOT.height - PLOT.top - PLOT.bottom);

function step(largest) {
  const rough = largest / 4, size = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((k) => k * size).find((k) => k >= rough);
}

function drawFrontier() {
  const svg = document.getElementById("frontier");
  for (let share = 0; share <= most.share; share += step(most.share)) {
    svg.append(draw("line", { x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: plotY(share), y2: plotY(share), class: "grid" }),
      draw("text", { x: PLOT.left - 6, y: plotY(share) + 4, "text-anchor": "end" }, `${number(share)}%`));
  }
  for (let cost = 0; cost <= most.cost; cost += step(most.cost)) {
    svg.append(draw("text", { x: plotX(cost), y: PLOT.height - PLOT.bottom + 16, "text-anchor": "middle" }, cost ? `$${number(cost / 1e6, most.cost < 4e6 ? 1 : 0)}M` : "$0"));
  }
  svg.append(draw("text", { x: (PLOT.left + PLOT.width) / 2, y: PLOT.height - 6, "text-anchor": "middle" }, standby ? "cost a year, call-outs as found" : "cost a year"));
  const best = bought.filter((p) => p.best).sort((a, b) => a.cost - b.cost);
  svg.append(draw("polyline", { points: best.map((p) => `${plotX(p.cost)},${plotY(p.share)}`).join(" "), class: "best" }));
  for (const point of [...bought].sort((a, b) => a.best - b.best)) svg.append(draw("circle", { cx: plotX(point.cost), cy: plotY(point.share), r: point.best ? 3.5 : 2.5, class: point.best ? "best" : "other" }));
  svg.append(draw("path", { id: "here", class: "here" }));
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * PLOT.width, y = ((event.clientY - box.top) / box.height) * PLOT.height;
    const near = bought.reduce((a, b) => (Math.hypot(plotX(a.cost) - x, plotY(a.share) - y) <= Math.hypot(plotX(b.cost) - x, plotY(b.share) - y) ? a : b));
    near.at.forEach((position, i) => (positions[i] = position));
    show();
  });
}

function markFrontier(point) {
  const here = document.getElementById("here");
  const on = point && isNumber(point.cost) && isNumber(point.share);
  here.setAttribute("d", on ? `M${plotX(point.cost) - 7} ${plotY(point.share)}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z` : "");
}

let city;
let last = null;

function show() {
  const point = plans.get(keyOf(positions)) || null;
  if (point !== last) before = last;
  content.sliders.forEach((slider, i) => {
    const text = shown(slider.values[positions[i]], slider.kind);
    inputs[i].value = positions[i];
    inputs[i].setAttribute("aria-valuetext", text);
    outputs[i].textContent = text;
  });
  city.show(point);
  cards(point);
  markFrontier(point);
  writeAddress();
  last = point;
}

function legend() {
  const bands = [...content.scale.bands, content.scale.missing];
  document.getElementById("classes").replaceChildren(...bands.map((band) => make("li", {}, swatch(band.color, band.hatch), band.label)));
  document.getElementById("signs").replaceChildren(...content.glyphs.map((glyph) => make("li", {}, sign(glyph, 20), named(glyph.title))),
    make("li", {}, make("span", { class: "badge" }, "2"), "how many, where more than one"), ...groundLegend());
}

function start(map) {
  city = new City(map);
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur mouseout", () => map.scrollWheelZoom.disable());
  // begin in the middle, unless the address says where
  const middle = content.sliders.map((slider) => Math.floor(slider.values.length / 2));
  const first = plans.get(keyOf(middle)) || content.points[Math.floor(content.points.length / 2)];
  first.at.forEach((position, i) => (positions[i] = position));
  readAddress();
  legend();
  drawFrontier();
  inputs.forEach((input, i) => input.addEventListener("input", () => {
    positions[i] = Number(input.value);
    show();
  }));
  window.addEventListener("hashchange", () => {
    readAddress();
    show();
  });
  document.getElementById("save").addEventListener("click", () => savePicture(city, last, words(last)));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  show();
  before = null;
  cards(last);
  ready();
}
