// What stands at a post, on the map and in words.
const PARTLY = "\u25d0";

// What stands at a post in a view: [kind, text of the badge, hollow, faded]; nothing where nobody is on duty.
function crewSigns(post, mode, period) {
  if (mode !== "change") return post.crew[suffix(mode, period)].map(([kind, count, , whole]) => [kind, (count > 1 ? String(count) : "") + (whole < count ? PARTLY : ""), false, false]);
  const counts = (name) => new Map(post.crew[suffix(name, period)].map(([kind, count]) => [kind, count]));
  const plan = counts("plan"), today = counts("today");
  return [...new Set([...today.keys(), ...plan.keys()])].sort((a, b) => a - b).map((kind) => {
    const delta = (plan.get(kind) || 0) - (today.get(kind) || 0);
    return [kind, delta === 0 ? "=" : signed(delta, 0), !plan.get(kind), delta === 0];
  });
}

// A post whose crew is off duty at the time shown keeps its place: its signs are hollow and crossed out.
function crewIcon(post, mode, period) {
  const there = crewSigns(post, mode, period);
  const signs = there.length ? there : crewSigns(post, mode, "").map(([kind]) => [kind, "\u00d7", true, true]);
  const crew = make("div", { class: "crew", "aria-hidden": "true" }, ...signs.map(([kind, badge, hollow, faded]) => unit(content.glyphs[kind], badge, { hollow, faded })));
  const box = make("div", {}, crew, make("span", { class: "unseen" }, crewWords(post, mode, period)));
  return L.divIcon({ html: box, className: there.length ? "post" : "post closed", iconSize: [26 * signs.length + 4, 30], iconAnchor: [13 * signs.length + 2, 15] });
}

function crewWords(post, mode, period) {
  const words = crewSigns(post, mode, period).map(([kind, badge]) => `${badge.replace(PARTLY, "") || "1"} ${content.glyphs[kind].title}${badge.includes(PARTLY) ? ", part of this time" : ""}`);
  return `${post.name}: ${words.join(", ") || "nobody on duty at this time"}`;
}
