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

// Posts in one building would hide each other however close one looks: they share a sign, and its card tells of each.
const SAME_PLACE_M = 25;

function byPlace(posts, map) {
  const places = [];
  for (const post of posts) {
    const at = unpackPoint(post.at);
    const place = places.find((one) => map.distance(one.at, at) < SAME_PLACE_M);
    if (place) place.posts.push(post);
    else places.push({ at, posts: [post] });
  }
  return places.map((place) => place.posts);
}

// Several posts as one: [kind, how many, their shifts, how many all the time] added up.
function together(posts) {
  if (posts.length === 1) return posts[0];
  const crew = {};
  for (const part of Object.keys(posts[0].crew)) {
    const sums = new Map();
    for (const [kind, count, patterns, whole] of posts.flatMap((post) => post.crew[part])) {
      const [, had, words, all] = sums.get(kind) || [kind, 0, [], 0];
      sums.set(kind, [kind, had + count, [...words, ...patterns], all + whole]);
    }
    crew[part] = [...sums.values()].sort((a, b) => a[0] - b[0]);
  }
  return { ...posts[0], name: posts.map((post) => post.name).join("; "), crew };
}

// A post whose crew is off duty at the time shown keeps its place: its signs are hollow and crossed out.
function crewIcon(post, mode, period) {
  const there = crewSigns(post, mode, period);
  const signs = there.length ? there : crewSigns(post, mode, "").map(([kind]) => [kind, "\u00d7", true, true]);
  const crew = make("div", { class: "crew", "aria-hidden": "true" }, ...signs.map(([kind, badge, hollow, faded]) => unit(content.glyphs[kind], badge, { hollow, faded })));
  const box = make("div", {}, crew, make("span", { class: "unseen" }, crewWords(post, mode, period)));
  return L.divIcon({ html: box, className: there.length ? "post" : "post closed", iconSize: [26 * signs.length + 4, 30], iconAnchor: [13 * signs.length + 2, 15] });
}

// "1 Co-responder unit", "+2 Co-responder units"
function several(count, title) {
  const one = /^\D?1$/.test(`${count}`);
  return `${count} ${title}${one ? "" : "s"}`;
}

function crewWords(post, mode, period) {
  const words = crewSigns(post, mode, period).map(([kind, badge]) => `${several(badge.replace(PARTLY, "") || "1", content.glyphs[kind].title)}${badge.includes(PARTLY) ? ", part of this time" : ""}`);
  return `${post.name}: ${words.join(", ") || "nobody on duty at this time"}`;
}

// Who stands at the posts that the answer names, in the signs of the map: more than three of a kind as one, with their number.
const MOST_SIGNS = 3;

function signNames() {
  for (const line of document.querySelectorAll(".where [data-post]")) {
    const post = content.posts.find((one) => one.id === line.dataset.post);
    line.prepend(...(post ? post.crew.plan : []).flatMap(([kind, count]) => {
      const signs = Array.from({ length: count > MOST_SIGNS ? 1 : count }, () => sign(content.glyphs[kind], 16));
      return count > MOST_SIGNS ? [...signs, make("b", {}, `\u00d7${count} `)] : signs;
    }));
  }
}
