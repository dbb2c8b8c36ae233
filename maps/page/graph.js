// The road graph of the page: typed arrays out of packed bytes, and drives over it.
const FAR = 1e9; // tenths of a second; nobody drives so long

// Segment s runs from node from[s] to to[s] through corners x, y at corners[2 * begin[s]] up to begin[s + 1]; tenths of a second.
function readGraph(text) {
  const { whole, signed } = varints(text);
  const nodes = whole(), gridX = new Int32Array(nodes), gridY = new Int32Array(nodes);
  for (let i = 0, x = 0, y = 0; i < nodes; i += 1) {
    gridX[i] = x += signed();
    gridY[i] = y += signed();
  }
  const count = whole(), of = () => new Int32Array(count);
  const graph = { nodes, count, x: Float64Array.from(gridX), y: Float64Array.from(gridY, localY), from: of(), to: of(), kind: of(), isLink: of(), isOneWay: of(), name: of(), tenths: of(), begin: new Int32Array(count + 1) };
  const corners = [];
  for (let s = 0, from = 0, name = 0; s < count; s += 1) {
    from += whole();
    const to = from + signed(), flags = whole();
    name += signed();
    Object.entries({ from, to, kind: flags >> 2, isLink: (flags >> 1) & 1, isOneWay: flags & 1, name, tenths: whole() }).forEach(([key, value]) => (graph[key][s] = value));
    corners.push(graph.x[from], graph.y[from]);
    for (let left = whole(), x = gridX[from], y = gridY[from]; left; left -= 1) {
      x += signed();
      y += signed();
      corners.push(x, localY(y));
    }
    corners.push(graph.x[to], graph.y[to]);
    graph.begin[s + 1] = corners.length / 2;
  }
  return { ...graph, corners: Float64Array.from(corners), ...arcsOf(graph) };
}

// Arcs that leave a node: from first[node] up to first[node + 1], each with where it ends, what it takes, and its segment s (~s: against it).
function arcsOf({ nodes, count, from, to, isOneWay, tenths }) {
  const first = new Int32Array(nodes + 1);
  for (let s = 0; s < count; s += 1) {
    first[from[s] + 1] += 1;
    if (!isOneWay[s]) first[to[s] + 1] += 1;
  }
  for (let i = 0; i < nodes; i += 1) first[i + 1] += first[i];
  const free = first.slice(), arcTo = new Int32Array(first[nodes]), arcTenths = new Int32Array(first[nodes]), arcSegment = new Int32Array(first[nodes]);
  const add = (a, b, cost, segment) => {
    const arc = free[a]++;
    arcTo[arc] = b;
    arcTenths[arc] = cost;
    arcSegment[arc] = segment;
  };
  for (let s = 0; s < count; s += 1) {
    add(from[s], to[s], tenths[s], s);
    if (!isOneWay[s]) add(to[s], from[s], tenths[s], ~s);
  }
  return { first, arcTo, arcTenths, arcSegment };
}

// Tenths of a second from the nearest of these nodes to every node: Dijkstra's algorithm with a ring of buckets in place of a heap,
// since times are whole and none of an arc is longer than the ring (Dial 1969, Communications of the ACM 12).
function drives({ nodes, first, arcTo, arcTenths }, sources) {
  const ring = arcTenths.reduce((most, cost) => Math.max(most, cost), 0) + 1;
  const best = new Int32Array(nodes).fill(FAR), bucket = new Int32Array(ring).fill(-1);
  const room = arcTo.length + sources.length, next = new Int32Array(room), node = new Int32Array(room), when = new Int32Array(room);
  let put = 0, left = 0;
  const add = (i, time) => {
    best[i] = time;
    node[put] = i;
    when[put] = time;
    next[put] = bucket[time % ring];
    bucket[time % ring] = put++;
    left += 1;
  };
  for (const source of sources) if (best[source]) add(source, 0);
  for (let now = 0; left; now += 1) {
    const at = now % ring;
    while (bucket[at] >= 0) {
      const entry = bucket[at], i = node[entry];
      bucket[at] = next[entry];
      left -= 1;
      if (when[entry] !== best[i]) continue;
      for (let arc = first[i]; arc < first[i + 1]; arc += 1) if (now + arcTenths[arc] < best[arcTo[arc]]) add(arcTo[arc], now + arcTenths[arc]);
    }
  }
  return best;
}
