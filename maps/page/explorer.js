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

function cards(point) {
  const list = document.getElementById("figures");
  list.replaceChildren(...FIGURES.map((figure) => {
    const value = point ? point[figure.key] : null;
    const [words, verdict] = before && point ? changeText(figure, value, before[figure.key]) : ["", "same"];
    return make("li", {}, make("span", { class: "label" }, figure.title), make("span", { class: "value" }, figureText(figure, value)),
      make("span", { class: `change ${verdict}` }, words));
  }));
  const status = document.getElementById("status");
  status.textContent = point ? `${[point.fleet, point.status].filter(Boolean).join(". ")}.` : "No plan was made for these limits.";
}

function words(point) {
  const chosen = content.sliders.map((slider, i) => [`${slider.title}: ${shown(slider.values[positions[i]], slider.kind)}`, 15, 400]);
  const figures = FIGURES.map((figure) => [`${figure.title}: ${figureText(figure, point ? point[figure.key] : null)}`, 16, 600]);
  const notices = [...document.querySelectorAll(".notices li")].map((item) => [item.textContent.trim(), 13, 400]);
  return [[content.title, 22, 700], ...chosen, ...figures, [point ? point.fleet : "", 13, 400], [point ? point.status : "", 13, 400], ...notices];
}

// The frontier: what each budget buys, by the study's goal or another figure; a point is a button.
const PLOT = { width: 360, height: 230, left: 46, right: 12, top: 12, bottom: 40 };
const SHOWN = FIGURES.filter((figure) => figure.key !== "cost");
let by = SHOWN.find((figure) => figure.key === content.frontier.figure) || SHOWN[0];
let plot = null; // the scales of what is drawn

function step(largest) {
  const rough = largest / 4, size = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((k) => k * size).find((k) => k >= rough);
}

// A little more than what is drawn, and nothing below zero.
function range(values) {
  const low = Math.min(...values), high = Math.max(...values);
  const room = Math.max(0.12 * (high - low), 0.02 * Math.abs(high), 0.01);
  return [Math.max(0, low - room), high + room];
}

function ticks([low, high]) {
  const size = step(high - low), first = Math.ceil(low / size);
  return Array.from({ length: Math.floor(high / size) - first + 1 }, (_, k) => (first + k) * size);
}

const isDrawn = (point) => Boolean(point) && isNumber(point.cost) && isNumber(point[by.key]);

function scales() {
  const drawn = content.points.filter(isDrawn);
  const all = isDrawn(content.frontier.today) ? [...drawn, content.frontier.today] : drawn;
  const cost = range(all.map((p) => p.cost)), value = range(all.map((p) => p[by.key]));
  return {
    drawn, cost, value,
    x: (at) => PLOT.left + ((at - cost[0]) / (cost[1] - cost[0])) * (PLOT.width - PLOT.left - PLOT.right),
    y: (at) => PLOT.height - PLOT.bottom - ((at - value[0]) / (value[1] - value[0])) * (PLOT.height - PLOT.top - PLOT.bottom),
  };
}

// What stands beside the plans: today, the study's own question, and where money begins to buy less.
function marks() {
  const { knee, own, today } = content.frontier;
  const at = (i) => (i === null ? null : content.points[i]);
  const named = [["today", today], ["plan", at(own)], ["knee", knee === own ? null : at(knee)]].filter(([, point]) => isDrawn(point));
  if (knee !== null && knee === own) named.forEach((mark) => { if (mark[0] === "plan") mark[0] = "plan, knee"; });
  return named.flatMap(([name, point]) => {
    const x = plot.x(point.cost), y = plot.y(point[by.key]);
    const end = x > PLOT.width * 0.65;
    return [draw("path", { d: `M${x} ${y - 5}l5 5l-5 5l-5 -5z`, class: `mark ${name.split(",")[0]}` }),
      draw("text", { x: x + (end ? -9 : 9), y: y + (by.better > 0 ? 14 : -8), "text-anchor": end ? "end" : "start", class: "mark" }, name)];
  });
}

function drawFrontier() {
  const svg = document.getElementById("frontier");
  plot = scales();
  const parts = [];
  const digits = (size) => Math.max(0, -Math.floor(Math.log10(size)));
  const fine = digits(step(plot.value[1] - plot.value[0])), cents = digits(step(plot.cost[1] - plot.cost[0]) / 1e6);
  for (const value of ticks(plot.value)) {
    parts.push(draw("line", { x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: plot.y(value), y2: plot.y(value), class: "grid" }),
      draw("text", { x: PLOT.left - 6, y: plot.y(value) + 4, "text-anchor": "end" }, `${number(value, fine)}${by.unit === "%" ? "%" : ""}`));
  }
  for (const cost of ticks(plot.cost)) {
    parts.push(draw("text", { x: plot.x(cost), y: PLOT.height - PLOT.bottom + 16, "text-anchor": "middle" }, `$${number(cost / 1e6, cents)}M`));
  }
  parts.push(draw("text", { x: (PLOT.left + PLOT.width) / 2, y: PLOT.height - 6, "text-anchor": "middle" }, "cost a year"));
  const best = plot.drawn.filter((p) => p.best).sort((a, b) => a.cost - b.cost);
  parts.push(draw("polyline", { points: best.map((p) => `${plot.x(p.cost)},${plot.y(p[by.key])}`).join(" "), class: "best" }));
  for (const point of [...plot.drawn].sort((a, b) => a.best - b.best)) {
    const dot = draw("circle", { cx: plot.x(point.cost), cy: plot.y(point[by.key]), r: point.best ? 3.5 : 2.5, class: point.best ? "best" : "other" });
    dot.append(draw("title", {}, `${point.fleet}: ${figureText(by, point[by.key])}, ${shown(point.cost, "dollars")}`));
    parts.push(dot);
  }
  const described = draw("desc", {}, `All plans by cost and ${by.title.toLowerCase()}; the table of plans has the same figures.`);
  svg.replaceChildren(described, ...parts, ...marks(), draw("path", { id: "here", class: "here" }));
}

function chooseFrontier() {
  const select = document.getElementById("by");
  select.replaceChildren(...SHOWN.map((figure) => make("option", { value: figure.key }, figure.title)));
  select.value = by.key;
  select.addEventListener("change", () => {
    by = SHOWN.find((figure) => figure.key === select.value);
    drawFrontier();
    markFrontier(last);
  });
  document.getElementById("frontier").addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * PLOT.width, y = ((event.clientY - box.top) / box.height) * PLOT.height;
    const away = (p) => Math.hypot(plot.x(p.cost) - x, plot.y(p[by.key]) - y);
    const near = plot.drawn.reduce((a, b) => (away(a) <= away(b) ? a : b));
    near.at.forEach((position, i) => (positions[i] = position));
    show();
  });
}

function markFrontier(point) {
  const on = isDrawn(point);
  document.getElementById("here").setAttribute("d", on ? `M${plot.x(point.cost) - 7} ${plot.y(point[by.key])}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z` : "");
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
  chooseFrontier();
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
