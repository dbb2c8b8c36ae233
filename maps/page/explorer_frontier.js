// The frontier: what each budget buys, by the study's goal or another figure; a point is a button. It is drawn at the size it has,
// so that its letters are never smaller than they are said to be.
const PLOT = { width: 360, height: 230, left: 46, right: 12, top: 14, bottom: 40 };
const SHOWN = FIGURES.filter((figure) => figure.key !== "cost");
const NEAR_PX = 16;
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

// Points that no position of the sliders has
const offered = () => ["today", "rearranged", "plan"].map((name) => content.frontier[name]).filter(Boolean);

const isDrawn = (point) => Boolean(point) && isNumber(point.cost) && isNumber(point[by.key]);

function scales() {
  const drawn = content.points.filter(isDrawn);
  const all = [...drawn, ...offered().filter(isDrawn)];
  const cost = range(all.map((p) => p.cost)), value = range(all.map((p) => p[by.key]));
  return {
    drawn, cost, value,
    x: (at) => PLOT.left + ((at - cost[0]) / (cost[1] - cost[0])) * (PLOT.width - PLOT.left - PLOT.right),
    y: (at) => PLOT.height - PLOT.bottom - ((at - value[0]) / (value[1] - value[0])) * (PLOT.height - PLOT.top - PLOT.bottom),
  };
}

// What stands beside the plans: today, today's staff at the best posts, the study's own question, where money begins to buy less, and the
// plan that is pinned: [name, point, class].
function markedPoints() {
  const { knee, own, today, rearranged, plan } = content.frontier;
  const at = (i) => (i === null ? null : content.points[i]);
  const isBoth = knee !== null && knee === own;
  return [
    ["today", today, "today"],
    ["today's staff, best posts", rearranged, "rearranged"],
    [isBoth ? "plan; gains level off" : "plan", at(own) || plan, "plan"],
    ["gains level off", isBoth ? null : at(knee), "levels"],
    ["pinned", pinned, "pinned"],
  ].filter(([, point]) => isDrawn(point));
}

const MOST_ROWS = 6; // on each side: there are five names
const LETTER_PX = 7.4; // about as wide as a bold letter of the chart's 13 px

function marks() {
  const taken = [];
  return markedPoints().flatMap(([name, point, kind]) => {
    const x = plot.x(point.cost), y = plot.y(point[by.key]), wide = LETTER_PX * name.length;
    const text = Math.max(PLOT.left + 2, Math.min(x + 9, PLOT.width - wide - 6)); // within the chart
    // names of points that lie together stand beneath each other, away from the curve as long as the chart has room there
    const above = Array.from({ length: MOST_ROWS }, (_, k) => y - 8 - 14 * k), below = above.map((_, k) => y + 16 + 14 * k);
    const rows = by.better > 0 ? [...below, ...above] : [...above, ...below];
    const isFree = (at) => at > 11 && at < PLOT.height - PLOT.bottom && !taken.some(([from, to, other]) => text < to && text + wide > from && Math.abs(at - other) < 13);
    const line = rows.find(isFree) ?? rows[0];
    taken.push([text, text + wide, line]);
    return [draw("path", { d: `M${x} ${y - 5}l5 5l-5 5l-5 -5z`, class: `mark ${kind}` }),
      draw("text", { x: text, y: line, class: "mark" }, name)];
  });
}

const pointWords = (point) => `: ${figureText(by, point[by.key])}, ${dollars(point.cost)} a year`;

function drawFrontier() {
  const svg = document.getElementById("frontier");
  const { clientWidth, clientHeight } = svg;
  if (clientWidth > 0 && clientHeight > 0) Object.assign(PLOT, { width: clientWidth, height: clientHeight });
  svg.setAttribute("viewBox", `0 0 ${PLOT.width} ${PLOT.height}`);
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
  const { today } = content.frontier;
  if (isDrawn(today)) { // today's level, to read any plan against
    const y = plot.y(today[by.key]);
    parts.push(draw("line", { x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: y, y2: y, class: "level" }));
  }
  const best = plot.drawn.filter((p) => p.best).sort((a, b) => a.cost - b.cost);
  parts.push(draw("polyline", { points: best.map((p) => `${plot.x(p.cost)},${plot.y(p[by.key])}`).join(" "), class: "best" }));
  for (const point of [...plot.drawn].sort((a, b) => a.best - b.best)) {
    parts.push(draw("circle", { cx: plot.x(point.cost), cy: plot.y(point[by.key]), r: point.best ? 3.5 : 2.5, class: point.best ? "best" : "other" }));
  }
  const described = draw("desc", {}, `All plans by cost and ${by.title.toLowerCase()}; the table of plans has the same figures.`);
  svg.replaceChildren(described, ...parts, ...marks(), draw("path", { id: "here", class: "here" }));
}

// The point nearest to the pointer, today's too, and how far off it is
function nearest(event, among) {
  const box = document.getElementById("frontier").getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * PLOT.width, y = ((event.clientY - box.top) / box.height) * PLOT.height;
  const away = (p) => Math.hypot(plot.x(p.cost) - x, plot.y(p[by.key]) - y);
  const near = among.reduce((a, b) => (away(a) <= away(b) ? a : b));
  return { near, away: away(near) };
}

function tip(event) {
  const node = document.getElementById("tip");
  const among = [...plot.drawn, ...offered().filter(isDrawn)];
  const { near, away } = nearest(event, among);
  node.hidden = away > NEAR_PX;
  if (node.hidden) return;
  const name = offered().includes(near) ? near.status : "";
  node.textContent = [name, near.fleet].filter(Boolean).join(", ") + pointWords(near);
  const x = plot.x(near.cost);
  node.style.left = `${Math.min(Math.max(0, x - 90), Math.max(0, PLOT.width - 190))}px`;
  node.style.top = `${plot.y(near[by.key]) + 12}px`;
}

function chooseFrontier(choose) {
  const select = document.getElementById("by"), svg = document.getElementById("frontier");
  select.replaceChildren(...SHOWN.map((figure) => make("option", { value: figure.key }, figure.title)));
  select.value = by.key;
  select.addEventListener("change", () => {
    by = SHOWN.find((figure) => figure.key === select.value);
    redrawFrontier();
  });
  svg.addEventListener("click", (event) => choose(nearest(event, plot.drawn).near));
  svg.addEventListener("pointermove", tip);
  svg.addEventListener("pointerleave", () => { document.getElementById("tip").hidden = true; });
  new ResizeObserver(redrawFrontier).observe(svg);
}

function redrawFrontier() {
  drawFrontier();
  markFrontier(last);
}

function markFrontier(point) {
  const on = isDrawn(point);
  document.getElementById("here").setAttribute("d", on ? `M${plot.x(point.cost) - 7} ${plot.y(point[by.key])}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z` : "");
}
