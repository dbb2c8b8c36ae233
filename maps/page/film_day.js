// The drawn day under one deployment: where every unit is and how every call stands at a moment, worked out from the moment alone, so
// that one may go back as well as on. Times in seconds since midnight, places in local coordinates.
const DAY_S = 86400;
const POLICE_S = 2400; // how long the map shows police at a call that was left to them: nobody knows when they leave

function filmPlaces({ places, nodes }) {
  return places.map(([x, y], i) => ({ x, y: localY(y), node: nodes.length ? nodes[i] : null }));
}

class FilmDay {
  constructor(run, film, places, ways) {
    let received = 0;
    this.ways = ways;
    this.calls = run.jobs.map((job, i) => ({ ...readJob(job, (received += film.at[i])), place: places[film.place[i]] }));
    for (const call of this.calls) call.facility = call.facilityAt < 0 ? null : places[call.facilityAt];
    this.units = run.units.map(([post, kind, duty]) => {
      const [px, py] = content.posts[post].at, node = content.travel ? content.travel.nodes[post] : null;
      return { post, kind, duty, home: { x: px, y: localY(py), node }, jobs: [], isByPhone: Boolean(content.travel) && !content.travel.kinds[kind] };
    });
    this.calls.forEach((call) => call.unit >= 0 && this.units[call.unit].jobs.push(call));
    for (const unit of this.units) {
      unit.jobs.sort((a, b) => a.told - b.told);
      unit.jobs.forEach((job, k) => Object.assign(job, { before: unit.jobs[k - 1], after: unit.jobs[k + 1], of: unit }));
    }
    // units of a post stand beside each other
    const atPost = new Map();
    this.homes = [...new Map(this.units.map(({ post, home }) => [post, home])).values()];
    for (const unit of this.units) {
      unit.seat = atPost.get(unit.post) || 0;
      atPost.set(unit.post, unit.seat + 1);
    }
  }

  // The drive to a call: from the post, or from where the unit is on its way home.
  wayTo(job) {
    if (!job.out) {
      const { before, of: { home } } = job, isOnTheWay = before && job.told < before.home;
      job.out = this.ways.between(isOnTheWay ? alongWay(this.wayHome(before), (job.told - before.cleared) / (before.home - before.cleared)) : home, job.place);
    }
    return job.out;
  }

  wayOn(job) {
    return (job.on ||= this.ways.between(job.place, job.facility));
  }

  wayHome(job) {
    return (job.back ||= this.ways.between(job.facility || job.place, job.of.home));
  }

  isOnDuty({ duty }, now) {
    return duty[Math.min(23, Math.floor(now / 3600))] === "1";
  }

  // What a unit does: { doing, at: { x, y }, way, part, call }.
  unitAt(unit, now) {
    let job = null;
    for (const one of unit.jobs) if (one.told <= now) job = one; // a few a day
    const idle = { doing: this.isOnDuty(unit, now) ? "waits" : "off", at: unit.home, call: null };
    if (!job || now >= job.home) return idle;
    if (unit.isByPhone) return now < job.cleared ? { doing: "phone", at: unit.home, call: job } : idle;
    const drives = (doing, way, from, to) => {
      const part = to > from ? (now - from) / (to - from) : 1;
      return { doing, way, part, at: alongWay(way, part), call: job };
    };
    if (now < job.leaves) {
      const out = this.wayTo(job);
      return { doing: "starts", at: { x: out.x[0], y: out.y[0] }, call: job };
    }
    if (now < job.arrived) return drives("drives", this.wayTo(job), job.leaves, job.arrived);
    if (now < job.leftScene) return { doing: now < job.contact ? "meets" : "scene", at: job.place, call: job };
    if (job.facility && now < job.atFacility) return drives("takes", this.wayOn(job), job.leftScene, job.atFacility);
    if (now < job.cleared) return { doing: "ends", at: job.facility || job.place, call: job };
    return drives("returns", this.wayHome(job), job.cleared, job.home);
  }

  // How a call stands: "" before it comes, else waits, scene, police, or done: in time, late or left to police.
  callAt(call, now) {
    if (now < call.received) return "";
    if (call.unit < 0) return now < call.told ? "waits" : now < call.told + POLICE_S ? "police" : "left";
    if (now < call.contact) return "waits";
    if (now < call.leftScene) return "scene";
    return call.isInTime ? "good" : "late";
  }

  // Counts since midnight; calls from before are not the day's.
  countsAt(now) {
    const doing = this.units.map((unit) => this.unitAt(unit, now).doing), atWork = doing.filter((one) => one !== "off" && one !== "waits" && one !== "returns").length;
    const free = this.units.filter((unit, i) => doing[i] === "waits" || (doing[i] === "returns" && this.isOnDuty(unit, now))).length;
    const out = { calls: 0, waits: 0, good: 0, late: 0, left: 0, busy: atWork, onDuty: atWork + free };
    for (const call of this.calls) {
      if (call.received < 0 || call.received > now) continue;
      const stands = this.callAt(call, now);
      out.calls += 1;
      if (stands === "waits") out.waits += 1;
      else if (call.unit < 0) out.left += 1;
      else out[call.isInTime ? "good" : "late"] += 1;
    }
    return out;
  }
}

// A job as its call has it, out of differences.
function readJob(job, received) {
  if (job[0] < 0) return { unit: -1, received, told: received + job[1], facilityAt: -1 };
  const [told, leaves, arrived, contact, leftScene, cleared, home] = job.slice(1, 8).reduce((times, step) => [...times, (times[times.length - 1] ?? received) + step], []);
  const isTaken = job.length > 9;
  return { unit: job[0], received, told, leaves, arrived, contact, leftScene, cleared, home, isInTime: Boolean(job[8]), facilityAt: isTaken ? job[9] : -1, atFacility: isTaken ? leftScene + job[10] : null };
}

const clockOf = (now) => {
  const minutes = Math.min(1439, Math.floor(now / 60));
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};
