// Put the page together: sliders choose a precomputed plan; map, figures and frontier follow; the address keeps the choice.
const positions = content.sliders.map(() => 0);
const keyOf = (at) => at.join(",");
const plans = new Map(content.points.map((point) => [keyOf(point.at), point]));
let before = null;
let pinned = null; // the plan that others are held against
let last = null;

const inputs = content.sliders.map((slider, i) => document.getElementById(`slider_${i}`));
const outputs = content.sliders.map((slider, i) => document.getElementById(`value_${i}`));

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  content.sliders.forEach((slider, i) => {
    const found = slider.values.indexOf(Number(given.get(slider.key)));
    if (given.has(slider.key) && found >= 0) positions[i] = found;
  });
  if (!groupSelect) return;
  groupSelect.value = String(Math.max(0, content.groups.indexOf(given.get("who"))));
  setGroup();
}

// The group of residents whose figures stand among the others; all residents first.
const groupSelect = document.getElementById("group");
const groupName = () => (groupSelect ? content.groups[Number(groupSelect.value)] : "");

function setGroup() {
  const { today } = content.frontier;
  for (const point of today ? [...content.points, today] : content.points) [point.groupWait, point.groupShare] = (groupSelect && point.who[Number(groupSelect.value)]) || [null, null];
}

function writeAddress() {
  const state = new URLSearchParams(content.sliders.map((slider, i) => [slider.key, String(slider.values[positions[i]])]));
  if (groupSelect && groupSelect.value !== "0") state.set("who", groupName());
  history.replaceState(null, "", `#${state}`);
}

// Two comparisons have a line each in a card, which says the unit itself.
const short = (words) => words.replace(/ (points|min)\b/, "").replace(" million", "M").replace(", ", " ");

// What a plan's figures are held against: today and the pinned plan; where neither is there, the plan before it.
function compared(point) {
  if (!point) return [["", null]];
  const { today } = content.frontier;
  const named = [["vs today", today], ["vs pinned", pinned === point ? null : pinned]].filter(([, other]) => other);
  return named.length || pinned ? named : [["", before]];
}

function togglePin() {
  pinned = pinned ? null : last;
  cards(last);
  redrawFrontier();
}

function cards(point) {
  const list = document.getElementById("figures");
  // of all residents there is a figure in the chart alone: without a group chosen the cards are those of calls
  const told = FIGURES.filter((figure) => !figure.key.startsWith("group") || groupSelect.value !== "0");
  list.replaceChildren(...told.map((figure) => {
    const value = point ? point[figure.key] : null;
    return make("li", {}, make("span", { class: "label" }, figure.title), make("span", { class: "value" }, figureText(figure, value)),
      ...compared(point).map(([name, other]) => {
        const [words, verdict] = changeText(figure, value, other ? other[figure.key] : null);
        return make("span", { class: `change ${verdict}` }, words && name ? `${name} ${short(words)}` : words);
      }));
  }));
  const pin = document.getElementById("pin");
  pin.disabled = !point && !pinned;
  pin.textContent = pinned ? "Unpin" : "Pin this plan to compare";
  document.getElementById("pinned").textContent = pinned ? `Pinned: ${[pinned.fleet, dollars(pinned.cost)].filter(Boolean).join(", ")}` : "";
  const status = document.getElementById("status");
  status.textContent = point ? `${[point.fleet, point.status].filter(Boolean).join(". ")}.` : "No plan was made for these limits.";
}

function words(point) {
  const chosen = content.sliders.map((slider, i) => [`${slider.title}: ${slider.texts[positions[i]]}`, 15, 400]);
  const figures = FIGURES.map((figure) => [`${figure.title}: ${figureText(figure, point ? point[figure.key] : null)}`, 16, 600]);
  const notices = [...document.querySelectorAll(".notices li")].map((item) => [item.textContent.trim(), 13, 400]);
  if (groupSelect) chosen.push([`Area or group: ${groupName()}`, 15, 400]);
  return [[content.title, 22, 700], ...chosen, ...figures, [point ? point.fleet : "", 13, 400], [point ? point.status : "", 13, 400], ...notices];
}

let city;

function show() {
  const point = plans.get(keyOf(positions)) || null;
  if (point !== last) before = last;
  content.sliders.forEach((slider, i) => {
    const text = slider.texts[positions[i]];
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
    make("li", {}, make("span", { class: "badge" }, "2"), "number of responders, if more than one"), ...groundLegend());
}

function start(map) {
  city = new City(map);
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur mouseout", () => map.scrollWheelZoom.disable());
  // begin in the middle, unless the address says where
  const middle = content.sliders.map((slider) => Math.floor(slider.values.length / 2));
  const first = plans.get(keyOf(middle)) || content.points[Math.floor(content.points.length / 2)];
  first.at.forEach((position, i) => (positions[i] = position));
  if (groupSelect) groupSelect.replaceChildren(...content.groups.map((name, k) => make("option", { value: String(k) }, name)));
  readAddress();
  legend();
  chooseFrontier((point) => {
    point.at.forEach((position, i) => (positions[i] = position));
    show();
  });
  drawFrontier();
  document.getElementById("pin").addEventListener("click", togglePin);
  inputs.forEach((input, i) => input.addEventListener("input", () => {
    positions[i] = Number(input.value);
    show();
  }));
  groupSelect?.addEventListener("change", () => {
    setGroup();
    drawFrontier();
    show();
  });
  window.addEventListener("hashchange", () => {
    readAddress();
    drawFrontier();
    show();
  });
  document.getElementById("save").addEventListener("click", () => savePicture(city, last, words(last)));
  // paper has another size than the window: the whole city is fitted to it, and to the window again
  window.addEventListener("beforeprint", () => {
    document.body.classList.add("printing");
    city.toPaper();
    redrawFrontier();
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    city.fromPaper();
    redrawFrontier();
  });
  // a city that is seen whole stays so when the window changes
  let isWhole = true;
  map.on("zoomend dragend", () => (isWhole = seesCity(map)));
  new ResizeObserver(() => (isWhole && !document.body.classList.contains("printing") ? city.fit() : map.invalidateSize({ animate: false }))).observe(map.getContainer());
  show();
  before = null;
  cards(last);
  ready();
}
