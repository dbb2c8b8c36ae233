// Who gets where in what time: from the deployment, its hours and the road graph. As if the nearest on duty were free.
class Response {
  constructor(graph) {
    this.graph = graph;
    this.known = new Map();
  }

  drivesFrom(sources) {
    const key = sources.join();
    if (!this.known.has(key)) this.known.set(key, drives(this.graph, sources));
    return this.known.get(key);
  }

  // What the hours of a time tell apart, each with its share of them: { share, speed, crews }; crews as [node, kind, pattern].
  statesOf(name, period) {
    const { crews, patterns, factors, speed, times } = content.travel, found = new Map();
    let hours = 0;
    for (let hour = 0; hour < 168; hour += 1) {
      if (times[period][hour] !== "1") continue;
      const onDuty = crews[name].filter(([, , pattern]) => patterns[pattern][hour] === "1"), key = `${speed[hour]}:${JSON.stringify(onDuty)}`;
      if (!found.has(key)) found.set(key, { hours: 0, speed: factors[speed[hour]], crews: onDuty });
      found.get(key).hours += 1;
      hours += 1;
    }
    return [...found.values()].map((state) => ({ ...state, share: state.hours / hours }));
  }

  // One post's crews alone, as if always on duty: what its hours tell apart is how fast all drive.
  statesOfPost(node, crewKinds, period) {
    const { factors, speed, times } = content.travel, hours = [...times[period]].flatMap((on, hour) => (on === "1" ? [speed[hour]] : []));
    return factors.map((factor, i) => ({ share: hours.filter((one) => one === i).length / hours.length, speed: factor, crews: crewKinds.map((kind) => [node, kind]) })).filter(({ share }) => share);
  }

  // Seconds from the call's start at samples { segment, part }, the mean over states.
  secondsAt({ segment, part }, states) {
    const { kinds, reach, fallback } = content.travel, { from, to, isOneWay, tenths } = this.graph;
    const mean = new Float32Array(segment.length), now = new Float32Array(segment.length);
    for (const { share, speed, crews } of states) {
      now.fill(fallback);
      kinds.forEach((kind, k) => {
        const sources = [...new Set(crews.filter(([, of]) => of === k).map(([node]) => node))].sort((a, b) => a - b);
        if (!kind || !sources.length) return;
        const [starts, least, own] = kind, best = this.drivesFrom(sources), pace = 10 * own * speed;
        for (let i = 0; i < segment.length; i += 1) {
          const s = segment[i], ahead = best[from[s]] + part[i] * tenths[s], back = best[to[s]] + (1 - part[i]) * tenths[s];
          const drive = (isOneWay[s] ? ahead : Math.min(ahead, back)) / pace, whole = Math.max(least, starts + drive);
          if (drive <= reach && whole < now[i]) now[i] = whole;
        }
      });
      for (let i = 0; i < segment.length; i += 1) mean[i] += share * now[i];
    }
    return mean;
  }
}
