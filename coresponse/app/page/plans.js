// The answer that is shown, and saved plans side by side.
import { byId, counted, dollars, el, isNumber, millions, minutes, percent, plain } from "./draw.js";

const ROWS = [
  ["Within the standard", (p) => p.figures && p.figures.share_in_time, percent, 1],
  ["Within the standard if units were free", (p) => p.figures_if_free && p.figures_if_free.share_in_time, percent, 1],
  ["Mean wait, left to police included", (p) => p.figures && p.figures.mean_with_fallback_s, minutes, -1],
  ["9 in 10 reached calls wait no more than", (p) => p.figures && p.figures.p90_s, minutes, -1],
  ["Left to police, a week", (p) => p.figures && p.figures.left_per_week, (v) => plain(v, 1), -1],
  ["Cost a year", cost, dollars, -1],
  ["Staff hours a week", (p) => p.staff_hours_per_week, (v) => plain(v, 0), -1],
];

// Dollars that will be spent: call-outs from standby as often as the replay finds them.
function cost(plan) {
  return isNumber(plan.cost_as_called_per_year) ? plan.cost_as_called_per_year : plan.cost_per_year;
}

// What a search proves holds in the model, of the model's deployment, not of the figures beside it.
const found = (plan) => `${plan.standing ? `${plan.standing}; ` : ""}${(plan.standing && plan.in_model) || plan.message || plan.status}`;

export function showAnswer(plan, { study, live, bought, today, runs, old }, act) {
  const body = byId("answer-body");
  byId("answer").dataset.figures = live ? live.kind : "plan";
  if (!plan || !plan.found) byId("tables").hidden = true;
  if (!plan) return body.replaceChildren(el("p", {}, "No plan yet. Set limits and assumptions, then find the best plan."));
  const name = el("p", {}, el("strong", {}, plan.name), ` — ${found(plan)}.`);
  const head = [name, old ? el("p", { class: "warn" }, "This plan was made with other input files than the study has now.") : null].filter(Boolean);
  if (!plan.found) {
    return body.replaceChildren(...head, el("p", {}, "What clashes, and the smallest change that is enough:"), el("ul", {}, (plan.clash || []).map((line) => el("li", {}, line))));
  }
  const seen = live ? { ...plan, ...live, id: plan.id, name: plan.name, target_min: live.target_min || plan.target_min } : plan;
  const base = live ? plan : today && today.id !== plan.id && plan.id !== "today" ? today : null;
  const cards = [
    [(p) => percent(p.figures.share_in_time), `reached within ${plain(seen.target_min)} min`],
    [(p) => minutes(p.figures.mean_with_fallback_s), `mean wait; a call left to police counts ${plain(study.fallback_min)} min`],
    [(p) => (isNumber(p.figures.p90_s) ? minutes(p.figures.p90_s) : "–"), "9 in 10 reached calls wait no more"],
    [(p) => millions(cost(p)), "a year, with call-outs from standby"],
  ];
  byId("tables").hidden = false;
  byId("tables").replaceChildren(...[deployment({ ...plan, bought }, study), districts(seen, study)].filter(Boolean));
  return body.replaceChildren(mark(live, plan), el("div", { class: "cards" }, cards.map(([say, small]) => el("div", { class: "card" }, el("b", {}, say(seen)), el("span", {}, small), base ? el("span", { class: "was" }, `${live ? "was" : "today"} ${say(base)}`) : null))),
    el("p", { class: "small" }, `${plain(seen.figures.left_per_week)} calls a week are left to police. ${busy(seen, study)}`), ...range(seen, live), ...head,
    el("p", { class: "small" }, "Figures are by replay, as in the report. If the nearest were always free: ", percent(plan.figures_if_free.share_in_time), "."),
    ...(plan.id && plan.id !== "today" ? [downloads(plan), report(plan, old, runs, act)] : []));
}

// How far the figures go with what nobody knows; an estimate has no range
const range = (seen, live) => (seen.range && !(live && live.kind === "estimate") ? [el("p", { class: "small", id: "range" }, seen.range)] : []);

// Of which deployment and how sure the figures are
function mark(live, plan) {
  const said = !live ? null : live.kind === "estimate" ? "Estimate, as if nearest responders were free; the replay follows …" : `By replay, with your changes to ${plan.name}. Save them with “Re-evaluate this plan”.`;
  return el("p", { class: `mark ${live ? live.kind : ""}`, role: "status", hidden: !said }, said);
}

// The report of a plan: its pages and files where it was made, else the button that makes it
function report(plan, old, runs, act) {
  const run = runs.find((r) => r.run === plan.run);
  if (run) {
    return el("div", { class: "report", id: "plan-report" }, el("h3", {}, "Report"), el("p", {}, pageLinks(run, true)), fileLinks(run));
  }
  if (!plan.reportable) return el("p", { class: "small" }, "A report is made of a plan that was searched for: find the best plan first.");
  return el("div", { class: "report", id: "plan-report" }, el("h3", {}, "Report"),
    el("p", { class: "small" }, "Evaluates this plan in full and writes the report for a council, the map, and all tables and layers."),
    el("button", { id: "make-report", type: "button", disabled: Boolean(old) || document.body.dataset.running === "yes", onclick: () => act.report(plan.id) }, "Make the report and all files"));
}

const PAGE_TITLES = { "report.html": "Open the report", "map.html": "Open the map", "explorer.html": "Open the explorer" };
const pageLinks = (run, large) => run.pages.map((page) => [el("a", { class: large ? "button" : null, href: `results/${encodeURIComponent(run.run)}/${page}`, target: "_blank", rel: "noopener", "aria-label": `${PAGE_TITLES[page]} of ${run.run} in a new tab` }, PAGE_TITLES[page]), " "]);

function fileLinks(run) {
  if (!run.files.length) return null;
  return el("details", { class: "more" }, el("summary", {}, counted(run.files.length, "file", ": tables, layers for GIS")),
    el("p", { class: "downloads" }, run.files.map((name) => [el("a", { href: `results/${encodeURIComponent(run.run)}/${name}`, download: true }, name), " "])));
}

export function showRuns(runs, plans) {
  const named = new Map(plans.filter((p) => p.run).map((p) => [p.run, p.name]));
  byId("reports-body").replaceChildren(runs.length
    ? el("ul", { class: "runs" }, runs.map((run) => el("li", {}, el("strong", {}, named.get(run.run) || run.run), named.has(run.run) ? el("span", { class: "small" }, ` ${run.run}`) : null, el("br"), pageLinks(run, false), fileLinks(run))))
    : el("p", { class: "small" }, "None yet. Make the report of a plan above, or run coresponse plan."));
}

const busy = (plan, study) =>
  Object.entries(plan.busy_share || {}).map(([type, share]) => `${title(study, type)}: busy ${percent(share, 0)} of the time. `).join("");
const title = (study, type) => (study.types.find((t) => t.id === type) || { title: type }).title;

function table(caption, heads, rows) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, heads.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))))));
}

function deployment(plan, study) {
  const posts = new Map([...study.posts.map((p) => [p.id, p.name]), ...Object.entries((plan.asked && plan.asked.new_posts) || {}).map(([id, one]) => [id, one.name])]);
  return table("Posts and shifts", ["Post", "Responder", "Shift", "Number"],
    plan.bought.map(([type, post, pattern, count]) => [posts.get(post) || post, title(study, type), study.patterns[pattern] || pattern, plain(count, 0)]));
}

function districts(plan, study) {
  if (!(plan.districts || []).length) return null;
  const names = new Map(study.districts.map((d) => [d.id, d.name]));
  const rows = [...plan.districts].sort((a, b) => (b.wait_s || 0) - (a.wait_s || 0));
  return table("Districts, the longest wait first", ["District", "Past calls", "In time", "Mean wait"],
    rows.map((d) => [names.get(d.id) || d.id, d.calls, percent(d.share_in_time), minutes(d.wait_s)]));
}

function downloads(plan) {
  const moved = Object.keys((plan.asked && plan.asked.moved) || {}).length;
  const names = ["deployment.csv", "districts.csv", "whatif.json", ...(moved ? ["moved_posts.csv"] : []), ...(Object.keys((plan.asked && plan.asked.new_posts) || {}).length ? ["new_posts.csv"] : [])];
  return el("p", { class: "downloads" }, "Download: ", names.map((name) => [el("a", { href: `api/plans/${encodeURIComponent(plan.id)}/${name}`, download: true }, name), " "]));
}

export function showPlans(list, chosen, details, study, act) {
  const body = byId("plans-body");
  const keepers = list.map((plan) => el("li", {},
    el("label", { class: "tick" }, el("input", { type: "checkbox", checked: chosen.has(plan.id), onchange: (e) => act.choose(plan.id, e.target.checked) }), " ", el("span", { class: "plan-name" }, plan.name)),
    el("span", { class: "small" }, ` ${found(plan)}${plan.made_at ? `, ${plan.made_at.slice(0, 16).replace("T", " ")} UTC` : ""} `),
    el("button", { type: "button", onclick: () => act.show(plan.id), "aria-label": `Show ${plan.name}` }, "Show"),
    plan.id === "today" ? null : el("button", { type: "button", onclick: () => act.ask(plan.id), "aria-label": `Use its settings: ${plan.name}` }, "Use its settings"),
    plan.id === "today" ? null : el("button", { type: "button", onclick: () => act.rename(plan), "aria-label": `Rename ${plan.name}` }, "Rename"),
    plan.id === "today" ? null : el("button", { type: "button", onclick: () => act.remove(plan), "aria-label": `Delete ${plan.name}` }, "Delete")));
  const plans = list.filter((p) => chosen.has(p.id)).map((p) => details.get(p.id)).filter(Boolean);
  body.replaceChildren(el("ul", { class: "plan-list" }, keepers), plans.length ? compared(plans, study) : el("p", { class: "small" }, "Check plans to compare them."),
    ...(plans.length ? [el("p", { class: "downloads" }, el("a", { href: `api/compare.csv?ids=${list.filter((p) => chosen.has(p.id)).map((p) => encodeURIComponent(p.id)).join(",")}`, download: true }, "Download the comparison"))] : []));
}

function compared(plans, study) {
  const rows = ROWS.map(([name, get, say, better]) => {
    const values = plans.map(get);
    const known = values.filter(isNumber);
    const best = known.length > 1 && new Set(known).size > 1 ? (better > 0 ? Math.max(...known) : Math.min(...known)) : null;
    return [name, ...values.map((v) => (v === best && best !== null ? el("b", {}, `${say(v)} ★`) : say(v)))];
  });
  rows.push(...study.types.map((t) => [t.title, ...plans.map((p) => plain((p.bought || []).filter((b) => b[0] === t.id).reduce((n, b) => n + b[3], 0), 0))]));
  rows.push(["Posts used", ...plans.map((p) => plain(new Set((p.bought || []).map((b) => b[1])).size, 0))]);
  rows.push(["Assumed", ...plans.map((p) => assumed(p))]);
  return table("Chosen plans; a star marks the best", ["", ...plans.map((p) => p.name)], rows);
}

function assumed(plan) {
  const asked = plan.asked || {};
  const parts = [`standard ${plain(plan.target_min)} min`];
  if (asked.demand !== 1) parts.push(`calls at ${percent(asked.demand, 0)}`);
  if (asked.speed !== 1) parts.push(`speed at ${percent(asked.speed, 0)}`);
  if (asked.busy === "stated") parts.push("busy shares stated");
  const figures = Object.keys(asked.figures || {}).length;
  if (figures) parts.push(counted(figures, "figure", " of the program changed"));
  const moved = Object.keys(asked.moved || {}).length;
  if (moved) parts.push(counted(moved, "post", " moved"));
  const added = Object.keys(asked.new_posts || {}).length;
  if (added) parts.push(counted(added, "new post"));
  if ((asked.posts_must || []).length) parts.push(`${asked.posts_must.length} must`);
  if ((asked.posts_not || []).length) parts.push(`${asked.posts_not.length} barred`);
  return parts.join(", ");
}
