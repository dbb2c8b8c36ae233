// Posts that are put on the map beside the study's own.
import { byId, el, isNumber, percent } from "./draw.js";
import { setFault } from "./form.js";

export class NewPosts {
  constructor(state, placed, changed) {
    Object.assign(this, { state, placed, changed });
    const types = new Map();
    for (const post of state.study.posts) types.set(post.kind, { types: post.types, count: ((types.get(post.kind) || {}).count || 0) + 1 });
    this.kinds = types;
    // of the kinds where most may wait, the one that most posts are of
    [this.kind] = [...types.keys()].sort((a, b) => types.get(b).types.length - types.get(a).types.length || types.get(b).count - types.get(a).count);
  }

  async add(longitude, latitude) {
    const { asked } = this.state;
    let n = 1;
    while (asked.new_posts[`new-${n}`]) n += 1;
    const id = `new-${n}`;
    asked.new_posts[id] = { name: `New post ${n}`, kind: this.kind, longitude, latitude };
    try {
      const found = await this.placed(id, longitude, latitude);
      this.moved(id, found);
      this.state.post = id;
      this.sync();
      this.state.study.posts.find((p) => p.id === id).reach = found.reach;
      this.changed();
      byId("said").hidden = true;
      byId("said").textContent = "";
    } catch (error) {
      delete asked.new_posts[id];
      throw error;
    }
  }

  moved(id, { lon, lat }) {
    const { asked, study } = this.state;
    Object.assign(asked.new_posts[id], { longitude: lon, latitude: lat });
    const post = study.posts.find((p) => p.id === id);
    if (post) Object.assign(post, { lon, lat });
  }

  remove(id) {
    const { state } = this;
    delete state.asked.new_posts[id];
    state.asked.posts_must = state.asked.posts_must.filter((p) => p !== id);
    state.asked.posts_not = state.asked.posts_not.filter((p) => p !== id);
    state.post = "";
    this.sync();
    this.changed();
  }

  // A plan with posts of its own brings them along
  ofPlan(plan) {
    const own = (plan && plan.asked && plan.asked.new_posts) || {};
    const lacking = Object.keys(own).filter((id) => !this.state.asked.new_posts[id]);
    for (const id of lacking) this.state.asked.new_posts[id] = own[id];
    if (lacking.length) {
      this.sync();
      this.changed();
    }
  }

  // The list of posts and the map hold the draft's new posts, and no others
  sync() {
    const { study, asked, city } = this.state;
    const gone = study.posts.filter((p) => p.isNew && !asked.new_posts[p.id]);
    study.posts = study.posts.filter((p) => !gone.includes(p));
    for (const post of gone) city.removePost(post.id);
    for (const [id, one] of Object.entries(asked.new_posts)) {
      const known = study.posts.find((p) => p.id === id);
      const { types } = this.kinds.get(one.kind) || { types: [] };
      const told = { id, name: one.name, kind: one.kind, lon: one.longitude, lat: one.latitude, types, isNew: true };
      if (known) Object.assign(known, told);
      else {
        study.posts = [...study.posts, { ...told, reach: null }];
        city.addPost(study.posts[study.posts.length - 1]);
      }
    }
  }
}

// The table of posts: each can be pinned, barred and moved by keys alone
export function showPosts(state, act) {
  const words = byId("posts-filter").value.trim().toLowerCase();
  const rows = state.study.posts.filter((p) => !words || `${p.name} ${p.kind}`.toLowerCase().includes(words)).map((post) => postRow(post, state, act));
  byId("posts-body").replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ["Post", "Kind", "Alone", "May it be used", "Place: longitude, latitude"].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, rows)));
}

function postRow(post, state, act) {
  const now = act.stateOf(post.id);
  const at = state.asked.moved[post.id];
  const choice = el("select", { "aria-label": `${post.name}: may it be used`, onchange: (e) => act.setState(post.id, e.target.value) },
    [["may", "may be used"], ["must", "must be used"], ["not", "may not be used"]].map(([value, text]) => el("option", { value, selected: value === now }, text)));
  const lon = el("input", { type: "number", step: "any", value: at ? at[0] : post.lon, "aria-label": `${post.name}: longitude` });
  const lat = el("input", { type: "number", step: "any", value: at ? at[1] : post.lat, "aria-label": `${post.name}: latitude` });
  const fault = el("span", { class: "fault", id: `fault-${post.id}`, role: "alert", hidden: true });
  const go = () => {
    const empty = [lon, lat].find((input) => !input.value);
    setFault(empty || lon, fault, empty ? `Longitude and latitude in degrees, such as ${post.lon} and ${post.lat}.` : "");
    if (empty) empty.focus();
    else act.move(post.id, Number(lon.value), Number(lat.value));
  };
  const move = el("button", { type: "button", "aria-label": `Move ${post.name}`, onclick: go }, "Move");
  const back = at ? el("button", { type: "button", "aria-label": `Put ${post.name} back`, onclick: () => act.back(post.id) }, "Back") : null;
  return el("tr", { "data-post": post.id }, el("th", { scope: "row" }, post.name), el("td", {}, post.kind), el("td", {}, percent(at && isNumber(post.moved_reach) ? post.moved_reach : post.reach)), el("td", {}, choice), el("td", { class: "place" }, lon, lat, move, back, fault));
}
