// Figures that follow the hand: an estimate while something is dragged or typed, the replay's once it rests.
import { call } from "./api.js";
import { isNumber } from "./draw.js";

const REST_MS = 250;
const OF_A_PLAN = { moved: {}, new_posts: {}, demand: 1, speed: 1, target_min: null, figures: {} };
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Whether a draft assumes something else than a plan: its limits and goal change no figure of a plan that is there.
export function differs(asked, plan) {
  const told = plan.asked || {};
  return Object.entries(OF_A_PLAN).some(([name, usual]) => !same(asked[name] ?? usual, told[name] ?? (name === "target_min" ? plan.target_min : usual)));
}

// What the nearest free responder would make of the change, added to the plan's replayed figures.
function estimated(plan, free) {
  const figures = { ...plan.figures };
  for (const [name, value] of Object.entries(free)) {
    const before = plan.figures[name], base = plan.figures_if_free[name];
    figures[name] = isNumber(value) && isNumber(before) && isNumber(base) ? Math.max(0, before + value - base) : null;
  }
  if (isNumber(figures.share_in_time)) figures.share_in_time = Math.min(1, figures.share_in_time);
  return figures;
}

export class Live {
  constructor(show) {
    this.show = show;
    this.turn = this.told = this.since = 0;
  }

  follow(plan, asked, bought) {
    const wanted = { turn: (this.turn += 1), plan, body: { asked: JSON.parse(JSON.stringify(asked)), bought } };
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.replay(wanted), REST_MS);
    this.wanted = wanted;
    if (!this.asking) this.estimate();
  }

  stop() {
    this.since = this.turn += 1;
    clearTimeout(this.rest);
    this.wanted = null;
    this.show(null);
  }

  // One request at a time, each with the newest place: what was passed on the way is not asked for.
  async estimate() {
    this.asking = true;
    try {
      while (this.wanted) {
        const { turn, plan, body } = this.wanted;
        this.wanted = null;
        const found = await call("POST", "/api/live", body);
        if (found.figures_if_free && turn > Math.max(this.since, this.told)) {
          this.show({ kind: "estimate", plan: plan.id, figures: estimated(plan, found.figures_if_free) });
        }
      }
    } catch (error) { /* the replay says what is wrong */ }
    this.asking = false;
  }

  async replay({ turn, plan, body }) {
    try {
      const found = await call("POST", "/api/live", { ...body, replay: true });
      if (turn !== this.turn || found.superseded) return;
      this.told = turn;
      this.show(found.refused ? { kind: "refused", text: found.refused } : { ...found, kind: "replay", plan: plan.id });
    } catch (error) {
      if (turn === this.turn) this.show({ kind: "refused", text: error.message });
    }
  }
}
