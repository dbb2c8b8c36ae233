// The search as it runs: the best plan so far and the bound come together.
import { byId, el, isNumber, percent, plain, svg } from "./draw.js";

const WIDTH = 640, HEIGHT = 150, LEFT = 52, RIGHT = 12, TOP = 10, BOTTOM = 24;

export function showJob(job, unit) {
  const waiting = job.state === "queued" || job.state === "running";
  byId("search").hidden = false;
  const state = job.stopping && waiting ? "Stopping: the best plan so far is kept" : waiting ? job.stage : job.state;
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
    return;
  }
  const rows = [
    ["Best so far", isNumber(job.incumbent) ? plain(job.incumbent, 2) + unit : "–"],
    ["No plan is below", isNumber(job.bound) ? plain(job.bound, 2) + unit : "–"],
    ["Gap", percent(job.gap, 2)],
    time,
  ];
  byId("search-figures").replaceChildren(...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  byId("chart").replaceChildren(...chart(job.steps));
}

function chart(steps) {
  const known = steps.flatMap(([, best, bound]) => [best, bound]).filter(isNumber);
  if (steps.length < 2 || !known.length) return [];
  const best = steps.filter((s) => isNumber(s[1])), bound = steps.filter((s) => isNumber(s[2]));
  // a first bound far off would press the lines together
  const top = Math.max(...best.map((s) => s[1]), ...known.slice(-2));
  const last = best.length ? best[best.length - 1][1] : top;
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
      svg("text", { x: LEFT - 6, y: TOP + 10, "text-anchor": "end" }, plain(high, 1)),
      svg("text", { x: LEFT - 6, y: HEIGHT - BOTTOM, "text-anchor": "end" }, plain(base, 1)),
      svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, `${plain(until, 1)} s`),
      svg("path", { class: "bound", d: tail(bound, 2) }),
      svg("path", { class: "best", d: tail(best, 1) })),
    el("p", { class: "small" }, el("span", { class: "key best" }), " best plan so far  ", el("span", { class: "key bound" }), " bound: no plan can be better"),
  ];
}
