// The chosen post: pin it, bar it, move it -- by buttons, so that nothing needs a drag.
import { byId, el, isNumber, percent } from "./draw.js";

const STATES = [["may", "may be used"], ["must", "must be used"], ["not", "may not be used"]];
const WAYS = [["North", 0, 1, "↑"], ["South", 0, -1, "↓"], ["West", -1, 0, "←"], ["East", 1, 0, "→"]];
const STEP_M = 60, MOST_STEPS = 12, METERS_A_DEGREE = 111_320;

// The place on the roads next to one in a direction: the first on the way that is another one
export async function further(place, east, north, ask) {
  const [lon, lat] = place;
  const wide = METERS_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  for (let k = 1; k <= MOST_STEPS; k += 1) {
    const found = await ask(lon + (east * k * STEP_M) / wide, lat + (north * k * STEP_M) / METERS_A_DEGREE);
    if (Math.abs(found.lon - lon) * wide > 1 || Math.abs(found.lat - lat) * METERS_A_DEGREE > 1) return found;
  }
  return null;
}

// An arrow as it points on a turned map
function turned(arrow, turn) {
  const node = el("span", { class: "arrow" }, arrow);
  node.style.transform = `rotate(${turn}deg)`;
  return node;
}

// Who waits there in the shown plan, one more or less at a press
function crews(post, { study, bought }, act, part) {
  const rows = study.types.filter((type) => post.types.includes(type.id)).flatMap((type) => type.patterns.map((pattern) => {
    const there = bought.find((row) => row[0] === type.id && row[1] === post.id && row[2] === pattern);
    const count = there ? there[3] : 0, said = `${type.title}, ${study.patterns[pattern] || pattern}`;
    const step = (name, by, sign) => part(`${name}-${type.id}-${pattern}`, el("button", { type: "button", disabled: by < 0 && !count, "aria-label": `${name}: ${said}`, onclick: () => act.staff(type.id, post.id, pattern, by) }, sign));
    return el("li", {}, step("One less", -1, "−"), el("b", {}, count), step("One more", 1, "+"), ` ${said}`);
  }));
  return rows.length ? el("ul", { class: "crews", "aria-label": `Responders at ${post.name}` }, rows) : null;
}

export function showPost(post, asked, { there, reach, turn }, act, plan) {
  const card = byId("post-card");
  card.hidden = !post;
  if (!post) return card.replaceChildren();
  // what had the focus has it again, although it is drawn anew
  const focused = card.contains(document.activeElement) ? document.activeElement.dataset.part : null;
  const state = act.stateOf(post.id);
  const at = asked.moved[post.id];
  const part = (name, node) => {
    node.dataset.part = name;
    return node;
  };
  card.replaceChildren(
    el("div", {}, el("strong", {}, post.name), el("span", { class: "small" }, ` ${post.kind} · reaches ${percent(at && isNumber(post.moved_reach) ? post.moved_reach : post.reach)} of calls in time on its own${there && !plan ? ` · shown plan: ${there}` : ""}`)),
    el("div", { class: "pins", role: "group", "aria-label": `${post.name}: may it be used` }, STATES.map(([value, text]) => part(value, el("button", { type: "button", "aria-pressed": value === state ? "true" : "false", onclick: () => act.setState(post.id, value) }, text)))),
    el("div", { class: "moves", role: "group", "aria-label": `Move ${post.name}` }, WAYS.map(([name, east, north, arrow]) => part(name, el("button", { type: "button", "aria-label": name, onclick: () => act.nudge(post.id, east, north) }, turned(arrow, turn)))),
      part("place", el("button", { type: "button", onclick: () => act.placeByClick(post.id) }, "Place by a click")),
      post.isNew ? part("remove", el("button", { type: "button", onclick: () => act.removePost(post.id) }, "Remove this post")) : null,
      at ? part("back", el("button", { type: "button", onclick: () => act.back(post.id) }, "Put back")) : null),
    ...(reach ? [el("p", { class: "small", id: "reach" }, reach)] : []),
    ...(plan ? [crews(post, plan, act, part)].filter(Boolean) : []),
    part("close", el("button", { type: "button", class: "close", "aria-label": `Close ${post.name}`, onclick: () => act.pick("") }, "×")));
  const again = focused && card.querySelector(`[data-part="${focused}"]`);
  if (again) again.focus();
  else if (focused) card.querySelector("button").focus();
  return undefined;
}
