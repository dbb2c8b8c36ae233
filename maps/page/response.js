// Who gets where in what time while somebody is on duty: from the deployment, its hours and the road graph. As if the nearest were free.
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

  // Hours of a time in which each of some deployments has somebody on duty who drives; all hours of the time: { on: [hour, ...], all }.
  hoursOn(names, period) {
    const { crews, patterns, times } = content.travel, all = [...times[period]].flatMap((on, hour) => (on === "1" ? [hour] : []));
    return { on: all.filter((hour) => names.every((name) => crews[name].some(([, , pattern]) => patterns[pattern][hour] === "1"))), all };
  }

  // What the hours of a time tell apart, each with its share of them: { share, speed, crews }; crews as [node, kind, pattern]. Hours in which
  // nobody is on duty say nothing of streets and are left out, also those of a deployment that this one is compared with.
  statesOf(name, period, beside = name) {
    const { crews, patterns, factors, speed } = content.travel, found = new Map();
    const both = this.hoursOn([name, beside], period).on, own = both.length ? both : this.hoursOn([name], period).on, hours = own.length ? own : this.hoursOn([name], period).all;
    for (const hour of hours) {
      const onDuty = crews[name].filter(([, , pattern]) => patterns[pattern][hour] === "1"), key = `${speed[hour]}:${JSON.stringify(onDuty)}`;
      if (!found.has(key)) found.set(key, { hours: 0, speed: factors[speed[hour]], crews: onDuty });
      found.get(key).hours += 1;
    }
    return [...found.values()].map((state) => ({ ...state, share: state.hours / hours.length }));
  }

  // In how many hours of a time somebody is on duty, where these are not all.
  dutyWords(names, period) {
    const told = names.map((name) => [DEPLOYMENT[name].toLowerCase(), this.hoursOn([name], period)]).filter(([, { on, all }]) => on.length < all.length);
    const hours = told.map(([name, { on, all }]) => `${name} ${on.length} of ${all.length} hours`);
    return told.length ? ` Only hours with crews on duty: ${hours.join(", ")} a week.` : "";
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
