// The chosen post: pin it, bar it, move it -- by buttons, so that nothing needs a drag.
import { byId, el, isNumber, percent } from "./draw.js";

const STATES = [["may", "may be used"], ["must", "must be used"], ["not", "may not be used"]];
const WAYS = [["North", 0, 1, "↑"], ["South", 0, -1, "↓"], ["West", -1, 0, "←"], ["East", 1, 0, "→"]];
const STEP_M = 60, MOST_STEPS = 12, METERS_A_DEGREE = 111_320;

// The crossing next to a place in a direction: the first on the way that is another one
export async function further(place, east, north, ask) {
  const [lon, lat] = place;
  const wide = METERS_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  for (let k = 1; k <= MOST_STEPS; k += 1) {
    const found = await ask(lon + (east * k * STEP_M) / wide, lat + (north * k * STEP_M) / METERS_A_DEGREE);
    if (Math.abs(found.lon - lon) * wide > 1 || Math.abs(found.lat - lat) * METERS_A_DEGREE > 1) return found;
  }
  return null;
}

export function showPost(post, asked, there, act) {
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
    el("div", {}, el("strong", {}, post.name), el("span", { class: "small" }, ` ${post.kind} · alone it reaches ${percent(at && isNumber(post.moved_reach) ? post.moved_reach : post.reach, 0)} of calls in time${there ? ` · shown plan: ${there}` : ""}`)),
    el("div", { class: "pins", role: "group", "aria-label": `${post.name}: may it be used` }, STATES.map(([value, text]) => part(value, el("button", { type: "button", "aria-pressed": value === state ? "true" : "false", onclick: () => act.setState(post.id, value) }, text)))),
    el("div", { class: "moves", role: "group", "aria-label": `Move ${post.name}` }, el("span", { class: "small" }, "Move one crossing "), WAYS.map(([name, east, north, arrow]) => part(name, el("button", { type: "button", "aria-label": name, onclick: () => act.nudge(post.id, east, north) }, arrow))),
      part("place", el("button", { type: "button", onclick: () => act.placeByClick(post.id) }, "Click its place")),
      at ? part("back", el("button", { type: "button", onclick: () => act.back(post.id) }, "Put back")) : null),
    part("close", el("button", { type: "button", class: "close", "aria-label": `Close ${post.name}`, onclick: () => act.pick("") }, "×")));
  const again = focused && card.querySelector(`[data-part="${focused}"]`);
  if (again) again.focus();
  else if (focused) card.querySelector("button").focus();
  return undefined;
}
