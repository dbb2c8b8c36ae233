// The search as it runs: the best plan so far and the bound come together.
import { byId, dollars, el, isNumber, percent, plain, svg } from "./draw.js";

const WIDTH = 360, HEIGHT = 150, LEFT = 74, RIGHT = 12, TOP = 10, BOTTOM = 24;

// A search counts in seconds, shares, dollars or responders; people think in minutes and percents.
const UNITS = {
  "seconds a call": (value, digits) => `${(value / 60).toFixed(digits)} min`,
  "share of calls late": (value, digits) => `${(100 * value).toFixed(digits)}% late`,
  "dollars a year": (value) => dollars(value),
};

function told(value, unit, digits) {
  if (!isNumber(value)) return "–";
  return UNITS[unit] ? UNITS[unit](value, digits) : `${plain(value, 4)}${unit ? ` ${unit}` : ""}`;
}

export function showJob(job) {
  const waiting = job.state === "queued" || job.state === "running";
  byId("search").hidden = false;
  const state = job.stopping && waiting ? "Stopping; the best plan so far is kept" : waiting ? job.stage : job.state;
  byId("search-text").textContent = waiting ? `${state[0].toUpperCase()}${state.slice(1)} …` : "";
  byId("search-bar").hidden = !waiting;
  const bar = byId("search-bar");
  if (job.share > 0 && job.share < 1) bar.value = job.share;
  else bar.removeAttribute("value");
  byId("search-title").textContent = job.kind === "report" ? "Making the report" : "Search";
  const time = ["Time", `${plain(job.seconds, 0)} s`];
  if (job.kind !== "find") {
    byId("search-figures").replaceChildren(el("div", {}, el("dt", {}, time[0]), el("dd", {}, time[1])));
    byId("chart").replaceChildren();
    byId("chart-fold").hidden = true;
    return;
  }
  const rows = [
    ["Best so far", told(job.incumbent, job.unit, 2)],
    ["No plan can be below", told(job.bound, job.unit, 2)],
    ["Gap", percent(job.gap, 2)],
    time,
  ];
  byId("search-figures").replaceChildren(...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  const drawn = chart(job.steps, job.unit);
  byId("chart").replaceChildren(...drawn);
  byId("chart-fold").hidden = !drawn.length;
}

function chart(steps, unit) {
  const known = steps.flatMap(([, best, bound]) => [best, bound]).filter(isNumber);
  if (steps.length < 2 || !known.length) return [];
  const best = steps.filter((s) => isNumber(s[1])), bound = steps.filter((s) => isNumber(s[2]));
  // a first plan or a first bound far off would press the lines together
  const most = Math.max(...best.map((s) => s[1]), ...known.slice(-2));
  const last = best.length ? best[best.length - 1][1] : most;
  const open = bound.length ? last - bound[bound.length - 1][2] : 0;
  const top = Math.min(most, last + 4 * Math.max(open, 0.02 * Math.abs(last)));
  const low = Math.max(Math.min(...known), last - 3 * Math.max(top - last, 0.02 * Math.abs(last)));
  const high = top + 0.05 * (top - low || 1), base = low - 0.05 * (top - low || 1);
  const until = Math.max(0.5, ...steps.map((s) => s[0]));
  const x = (t) => LEFT + ((WIDTH - LEFT - RIGHT) * t) / until;
  const y = (v) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - Math.max(base, Math.min(high, v)))) / (high - base);
  const path = (points, at) => points.map((s, i) => `${i ? `H${x(s[0]).toFixed(1)}V` : `M${x(s[0]).toFixed(1)} `}${y(s[at]).toFixed(1)}`).join("");
  const tail = (points, at) => (points.length ? `${path(points, at)}H${x(until).toFixed(1)}` : "");
  return [
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Best plan so far and bound over the time of the search; the figures above say the same" },
      svg("path", { class: "axis", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
      svg("text", { x: LEFT - 6, y: TOP + 10, "text-anchor": "end" }, told(high, unit, 1)),
      svg("text", { x: LEFT - 6, y: HEIGHT - BOTTOM, "text-anchor": "end" }, told(base, unit, 1)),
      svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, `${plain(until, 1)} s of this round`),
      svg("path", { class: "bound", d: tail(bound, 2) }),
      svg("path", { class: "best", d: tail(best, 1) })),
    el("p", { class: "small" }, el("span", { class: "key best" }), " best plan so far  ", el("span", { class: "key bound" }), " bound: no plan can be better. The search takes busy shares as given; the replay then chooses among the plans near its best."),
  ];
}
