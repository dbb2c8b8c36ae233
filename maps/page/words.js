// Figures and what they are called.
const MINUS = "\u2212";
const DASH = "\u2013";
const DEPLOYMENT = { plan: "Plan", today: "Today" };
// Of an area's figures: mean wait, not in time, responders within the standard, post, response of reached calls, and if free.
const column = { response: 0, group: 0, late: 1, depth: 2, free: 5 };

const isNumber = (value) => typeof value === "number";
// Percent, whole or with its tenth where it has one: data/figures/text.py says why.
const points = (value) => value.toFixed(1).replace(/\.0$/, "");
const digitsOf = (value, digits) => (digits === "%" ? points(value) : value.toFixed(digits));
const fixed = (value, digits = 1) => (isNumber(value) ? digitsOf(value, digits) : DASH);

function signed(value, digits = 1) {
  if (!isNumber(value)) return DASH;
  const text = digitsOf(Math.abs(value), digits);
  if (Number(text) === 0) return text;
  return (value > 0 ? "+" : MINUS) + text;
}

const difference = (a, b) => (isNumber(a) && isNumber(b) ? a - b : null);
const suffix = (name, period) => (period ? `${name}@${period}` : name);
const bandText = (text) => (text === "1-10" ? "10 or fewer" : text.replace("-", " to "));

function bandOf(scale, value) {
  if (!isNumber(value)) return scale.missing || null;
  return scale.bands.find((band) => band.below === null || value < band.below);
}

// Of a place with any figure, one that is missing says that nobody gets there.
const isTold = (values) => Boolean(values) && values.slice(0, 3).some(isNumber);

// Whether chance could have made the change that a view shows of a place.
function isTooClose({ view, period }, place) {
  const told = (place.c || {})[period];
  return Boolean(view.change && view.change.untold && told) && !told[view.told];
}

// The class of a place by its values: [mean, ...] by deployment and time; null where there are too few calls to tell.
function bandAt(state, place) {
  const { view, mode, period } = state, values = place.v;
  const index = column[view.key] || 0;
  const plan = values[suffix("plan", period)], today = values[suffix("today", period)];
  if (mode !== "change") {
    const mine = mode === "today" ? today : plan;
    return isTold(mine) ? bandOf(view.scale, mine[index]) : null;
  }
  if (!isTold(plan) || !isTold(today)) return null;
  if (isNumber(plan[index]) === isNumber(today[index])) {
    const band = bandOf(view.change, difference(plan[index], today[index]));
    return isTooClose(state, place) && band !== bandOf(view.change, 0) ? view.change.untold : band;
  }
  return isNumber(plan[index]) ? view.change.gained : view.change.lost;
}

// A small table of plan, today and change for one place.
function factTable(rows) {
  const two = content.names.length > 1;
  const head = make("tr", {}, make("td"), ...(two ? ["Today", "Plan", "Change"] : ["Plan"]).map((t) => make("th", { scope: "col" }, t)));
  const body = rows.map(([label, plan, today, digits]) =>
    make("tr", {}, make("th", { scope: "row" }, label),
      ...(two ? [make("td", {}, fixed(today, digits))] : []),
      make("td", { class: "strong" }, fixed(plan, digits)),
      ...(two ? [make("td", {}, signed(difference(plan, today), digits))] : [])));
  return make("table", { class: "facts" }, make("thead", {}, head), make("tbody", {}, ...body));
}

function postName(position) {
  return isNumber(position) ? content.posts[position].name : "nobody";
}

const timeOf = (period) => content.periods.find((one) => one.key === period);
const atTime = (period) => (period ? ` (${timeOf(period).title})` : "");

function closeness(place, period) {
  const told = (place.c || {})[period];
  const what = told ? ["wait", "calls in time"].filter((_, i) => !told[i]) : [];
  return what.length ? make("p", {}, `Too close to call, or too small to count: the change of ${what.join(" and ")}.`) : null;
}

// An area has no name of its own; people know the district that it lies in.
function areaTitle(cell) {
  const middle = L.latLngBounds(unpackArea(cell.g).flat(2)).getCenter();
  const district = content.districts.find((one) => holds(unpackArea(one.g), middle));
  return district ? ["Area in ", named(district.name)] : ["Area of the city"];
}

// A card keeps clear of the buttons at the map's upper left, on a phone, too.
function cardSize(map) {
  const room = map.getSize().x - 110;
  return { maxWidth: Math.min(340, room), minWidth: Math.min(200, room), maxHeight: 320, autoPanPaddingTopLeft: [56, 58] };
}

// Areas where a group is rarer than in the city stay pale; null: the group lives there as much as in the city, or more.
const RARE = { color: "#f7f6f2", hatch: "", label: "fewer of the group than in the city" };
const UNSAID = { color: "#d7dadd", hatch: "", label: "too few residents to show" };

function paleBand(cell, { view, group }) {
  if (view.key !== "group") return null;
  const share = cell.who[group];
  return isNumber(share) ? (share < content.groups[group][1] ? RARE : null) : UNSAID;
}

function groupFacts(cell, { view, group }) {
  if (view.key !== "group") return null;
  const [name, whole] = content.groups[group], share = cell.who[group];
  return make("p", {}, named(name), isNumber(share) ? `: ${share}% of who lives here, ${whole}% in the city` : ": too few residents to show");
}

function cellFacts(cell, state) {
  const { view, period } = state;
  const plan = cell.v[suffix("plan", period)];
  const today = cell.v[suffix("today", period)] || [];
  const calls = cell.calls === undefined ? bandText(content.bands[cell.band[period]]) : `${cell.calls} (internal)`;
  return make("div", { class: "card" },
    make("h3", {}, ...areaTitle(cell)),
    make("p", {}, `Calls in the history${atTime(period)}: ${calls}`),
    groupFacts(cell, state),
    ...(view.key === "free"
      ? [factTable([["Mean response, min", plan[5], today[5], 1]]), make("p", {}, view.title)]
      : [factTable([
        ["Mean wait, min", plan[0], today[0], 1],
        ["Not in time, %", plan[1], today[1], "%"],
        ["If reached, min", plan[4], today[4], 1],
        ["Responders within standard", plan[2], today[2], 1],
      ]),
      closeness(cell, period),
      make("p", {}, "Sent most often from: ", named(postName(plan[3])),
        ...(content.names.length > 1 ? ["; today: ", named(postName(today[3]))] : []))]));
}

// Of several agencies: whose a district or post is, and how long that one's calls wait.
function whose(place) {
  return place.agency ? make("p", {}, "Of ", named(place.agency)) : null;
}

function districtFacts(district, period = "") {
  const plan = district.v[suffix("plan", period)];
  const today = district.v[suffix("today", period)] || [];
  return make("div", { class: "card" },
    make("h3", {}, named(district.name)),
    whose(district),
    make("p", {}, `Calls in the history: ${district.band === "0" ? "none" : bandText(district.band)}`),
    period && district.band !== "0" ? make("p", {}, isTold(plan) ? `Figures of this time: ${timeOf(period).title}` : "Too few calls at some time of day to show figures by time.") : null,
    factTable([
      ["Mean wait, min", plan[0], today[0], 1],
      ["Not in time, %", plan[2], today[2], "%"],
      ["If reached, min", plan[3], today[3], 1],
      ["90% within, min", plan[1], today[1], 1],
    ]),
    closeness(district, period));
}

function crewLines(crew) {
  if (!crew.length) return [make("p", {}, "nobody")];
  return crew.map(([kind, count, patterns]) =>
    make("p", {}, sign(content.glyphs[kind], 18), " ", named(several(count, content.glyphs[kind].title)), make("br"), make("small", {}, named(patterns.join(", ")))));
}

function postFacts(post) {
  const parts = content.names.length > 1 ? ["today", "plan"] : ["plan"];
  return make("div", { class: "card" },
    make("h3", {}, named(post.name)),
    make("p", {}, named(post.kind)),
    whose(post),
    ...parts.flatMap((name) => [make("h4", {}, DEPLOYMENT[name]), ...crewLines(post.crew[name])]));
}
