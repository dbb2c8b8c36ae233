// Streets: segments of one name and class joined end to end, going straight on where there is a choice.
const SHARP = 0.5; // 1 + cosine of the turn between two pieces; beyond it they are not one street

function chainsOf(graph) {
  const { from, to, begin, corners, count } = graph, groups = new Map(), used = new Uint8Array(count), out = [];
  for (let s = 0; s < count; s += 1) {
    const key = graph.name[s] * 16 + graph.kind[s] * 2 + graph.isLink[s];
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(s);
  }
  // the way a segment sets out from one of its ends
  const heading = (s, node) => {
    const [i, j] = from[s] === node ? [begin[s], begin[s] + 1] : [begin[s + 1] - 1, begin[s + 1] - 2];
    const dx = corners[2 * j] - corners[2 * i], dy = corners[2 * j + 1] - corners[2 * i + 1], length = Math.hypot(dx, dy) || 1;
    return [dx / length, dy / length];
  };
  for (const group of groups.values()) {
    const at = new Map();
    for (const s of group) for (const node of [from[s], to[s]]) at.set(node, [...(at.get(node) || []), s]);
    const walk = (start, startNode) => {
      const run = [];
      for (let s = start, node = startNode; ;) {
        const [dx, dy] = heading(s, node);
        let best = -1, least = SHARP;
        for (const other of at.get(node)) {
          if (used[other]) continue;
          const [x, y] = heading(other, node), bend = 1 + dx * x + dy * y;
          if (bend < least) [best, least] = [other, bend];
        }
        if (best < 0) return run;
        used[best] = 1;
        run.push([best, from[best] === node]);
        node = from[best] === node ? to[best] : from[best];
        s = best;
      }
    };
    for (const s of group) {
      if (used[s]) continue;
      used[s] = 1;
      const ahead = walk(s, to[s]), behind = walk(s, from[s]);
      out.push(chainOf(graph, [...behind.reverse().map(([one, isAhead]) => [one, !isAhead]), [s, true], ...ahead]));
    }
  }
  return ranked(out, graph.kind);
}

function chainOf({ begin, corners, name, kind, isLink }, pieces) {
  const line = [];
  for (const [s, isAhead] of pieces) {
    for (let k = 0; k < begin[s + 1] - begin[s]; k += 1) {
      const i = isAhead ? begin[s] + k : begin[s + 1] - 1 - k;
      if (k || !line.length) line.push([corners[2 * i], corners[2 * i + 1]]);
    }
  }
  const track = new Track(line), [s] = pieces[0];
  return { name: content.streetNames[name[s]] || "", kind: kind[s], isLink: isLink[s], line, length: track.length };
}

// A road file without classes has streets of one kind only: then the long ones count for more.
const LONG_M = [[2, 3000], [4, 1500]];

function ranked(chains, kinds) {
  const hasClasses = kinds.some((kind) => kind !== kinds[0]);
  const byLength = ({ length, kind }) => (LONG_M.find(([, meters]) => length * METERS_A_STEP >= meters) || [kind])[0];
  const out = hasClasses ? chains : chains.map((chain) => ({ ...chain, kind: chain.name ? byLength(chain) : chain.kind }));
  return out.sort((a, b) => a.kind - b.kind || b.length - a.length);
}

// Read once, for all maps of the page.
const roadGraph = (() => {
  let graph = null;
  return () => (graph ||= readGraph(content.graph));
})();
const streetChains = (() => {
  let chains = null;
  return () => (chains ||= chainsOf(roadGraph()));
})();
