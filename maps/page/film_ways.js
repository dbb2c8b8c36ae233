// The way that a unit drives: corners along the fastest roads, each with the part of the drive after which it is passed. Where the page
// has not all roads, or a place is not on them, it is a straight line.
class Ways {
  constructor(graph) {
    this.graph = graph;
    this.known = new Map();
  }

  // From a place { x, y, node } to another.
  between(start, end) {
    const from = start.node, to = end.node;
    if (!this.graph || from === null || to === null || from === to) return straight([start, end]);
    const key = from * this.graph.nodes + to;
    if (!this.known.has(key)) this.known.set(key, this.driven(from, to));
    const way = this.known.get(key);
    if (!way) return straight([start, end]);
    // from where a unit is between two crossings, or a post beside the road
    return start.isOnTheWay ? withStart(way, start) : way;
  }

  // Dijkstra's algorithm with a ring of buckets, as in drives(), until the target is reached.
  driven(source, target) {
    const { nodes, first, arcTo, arcTenths } = this.graph;
    this.ring ||= arcTenths.reduce((most, cost) => Math.max(most, cost), 0) + 1;
    const best = new Int32Array(nodes).fill(FAR), came = new Int32Array(nodes).fill(-1), ring = Array.from({ length: this.ring }, () => null);
    best[source] = 0;
    ring[0] = [source];
    for (let now = 0, left = 1; left; now += 1) {
      const at = now % this.ring;
      for (const i of ring[at] || []) {
        left -= 1;
        if (best[i] !== now) continue;
        if (i === target) return this.drawn(source, target, came);
        for (let arc = first[i]; arc < first[i + 1]; arc += 1) {
          const time = now + arcTenths[arc], next = arcTo[arc];
          if (time >= best[next]) continue;
          best[next] = time;
          came[next] = arc;
          (ring[time % this.ring] ||= []).push(next);
          left += 1;
        }
      }
      ring[at] = null;
    }
    return null;
  }

  drawn(source, target, came) {
    const { from, to, arcTenths, arcSegment, begin, corners, x, y } = this.graph, arcs = [];
    for (let node = target; node !== source;) {
      const arc = came[node], s = arcSegment[arc];
      arcs.push(arc);
      node = s >= 0 ? from[s] : to[~s];
    }
    const way = { x: [x[source]], y: [y[source]], at: [0], nodes: [[0, source]] };
    for (const arc of arcs.reverse()) {
      const isAhead = arcSegment[arc] >= 0, s = isAhead ? arcSegment[arc] : ~arcSegment[arc], line = [];
      for (let k = begin[s]; k < begin[s + 1]; k += 1) line.push([corners[2 * k], corners[2 * k + 1]]);
      if (!isAhead) line.reverse();
      const steps = line.map(([px, py], k) => (k ? Math.hypot(px - line[k - 1][0], py - line[k - 1][1]) : 0)), whole = steps.reduce((sum, one) => sum + one, 0) || 1;
      const begun = way.at[way.at.length - 1];
      let run = 0;
      line.slice(1).forEach(([px, py], k) => {
        run += steps[k + 1];
        way.x.push(px);
        way.y.push(py);
        way.at.push(begun + (arcTenths[arc] * run) / whole);
      });
      way.nodes.push([way.at.length - 1, isAhead ? to[s] : from[s]]);
    }
    const all = way.at[way.at.length - 1] || 1;
    way.at = way.at.map((one) => one / all);
    return way;
  }
}

function straight(places) {
  return { x: places.map((one) => one.x), y: places.map((one) => one.y), at: places.map((_, k) => k / (places.length - 1)), nodes: [[places.length - 1, places[places.length - 1].node]] };
}

// A way that begins a little before its first crossing: that piece takes as long, by its length, as the rest.
function withStart(way, start) {
  const reach = Math.hypot(start.x - way.x[0], start.y - way.y[0]);
  let rest = 0;
  for (let i = 1; i < way.x.length; i += 1) rest += Math.hypot(way.x[i] - way.x[i - 1], way.y[i] - way.y[i - 1]);
  const share = reach / (reach + rest || 1);
  return { x: [start.x, ...way.x], y: [start.y, ...way.y], at: [0, ...way.at.map((at) => share + (1 - share) * at)], nodes: way.nodes.map(([k, node]) => [k + 1, node]) };
}

// Where one is after a part of a way, with the corner before and the crossing ahead.
function alongWay(way, part) {
  let low = 0, high = way.at.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (way.at[middle] <= part) low = middle;
    else high = middle;
  }
  const span = way.at[high] - way.at[low], share = span > 0 ? Math.max(0, Math.min(1, (part - way.at[low]) / span)) : 1;
  const ahead = way.nodes.find(([k]) => k >= high) || way.nodes[way.nodes.length - 1];
  return { x: way.x[low] + share * (way.x[high] - way.x[low]), y: way.y[low] + share * (way.y[high] - way.y[low]), corner: low, node: ahead[1], isOnTheWay: true };
}
