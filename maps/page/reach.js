// How far a post's crews get: lines of minutes from it.
const REACH_LINE = { color: "#5b2a86", width: 2.2, halo: "rgba(255,255,255,.92)", haloWidth: 5 };

// The levels: the classes' ends up to the standard.
const reachLevels = () => content.views.find(({ key }) => key === "surface").scale.bands.map(({ below }) => below).filter((below) => below !== null && below <= content.target);

// Posts that share a sign and have a place on the graph, and kinds of crew there: those of a view, or, where there are none, all that drive.
function reachOf(posts, { mode, period }) {
  const { kinds, nodes } = content.travel, there = posts.map((post) => content.posts.indexOf(post)).filter((i) => nodes[i] !== null);
  if (!there.length) return null;
  const crew = posts.flatMap((post) => post.crew[mode === "today" ? "today" : "plan"].map(([kind]) => kind)).filter((kind) => kinds[kind]);
  const driving = kinds.flatMap((kind, i) => (kind ? [i] : []));
  return { node: nodes[there[0]], kinds: [...new Set(crew.length ? crew : driving)], period };
}

function reachWords(posts, state) {
  const reach = content.travel && reachOf(posts, state);
  if (!reach) return null;
  const minutes = reachLevels(), who = reach.kinds.map((kind) => content.glyphs[kind].title).join(" or ");
  return make("p", { class: "reach" }, `Lines on the map: ${minutes.slice(0, -1).join(", ")}${minutes.length > 1 ? " and " : ""}${minutes[minutes.length - 1]} minutes from a call's start until one from here arrives, if free: `, named(who), `${atTime(reach.period)}.`);
}

class ReachInk {
  constructor(field) {
    this.field = field; // the surface's
    this.lines = [];
    this.ink = new Ink("lines", (pen, view) => this.paint(pen, view));
  }

  set({ node, kinds, period }) {
    const { response, surface } = this.field, values = this.field.minutes(response.statesOfPost(node, kinds, period));
    this.lines = reachLevels().map((level) => lineOf(surface, values, level));
  }

  paint(pen, view) {
    view.toWorld(pen);
    pen.clip(this.field.land, "evenodd");
    pen.lineCap = "round";
    for (const { path, level } of this.lines) {
      const wider = level === content.target ? 1.4 : 1;
      Object.assign(pen, { strokeStyle: REACH_LINE.halo, lineWidth: (wider * REACH_LINE.haloWidth) / view.scale });
      pen.stroke(path);
      Object.assign(pen, { strokeStyle: REACH_LINE.color, lineWidth: (wider * REACH_LINE.width) / view.scale });
      pen.stroke(path);
    }
  }
}
