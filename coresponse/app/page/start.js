// The page: opens the study, asks, follows a search, shows plans. Each tab has a session and a draft of its own.
import { Refused, Unanswered, adopt, call, current, open } from "./api.js";
import { City } from "./city.js";
import { byId, el, isNumber, percent, plain, points } from "./draw.js";
import { Form, acceptedAgain, refusedAt } from "./form.js";
import { Live, differs } from "./live.js";
import { NewPosts, showPosts } from "./posts.js";
import { showAnswer, showPlans, showRuns } from "./plans.js";
import { further, showPost } from "./post.js";
import { showJob } from "./progress.js";

const DRAFT = "coresponse-draft";
const SEARCH = "coresponse-search";
const LOOK_MS = 250;
const TABS = "BroadcastChannel" in window ? new BroadcastChannel("coresponse-plans") : null;
const state = { study: null, asked: null, plans: [], details: new Map(), chosen: new Set(), shown: "", against: "", post: "", runs: [], job: null, city: null, live: null, placed: null, settled: null };

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
const copy = (value) => JSON.parse(JSON.stringify(value));

// "no road is near -- put it nearer" as two sentences
const sentences = (text) => text.split(" -- ").map((part) => part && `${part[0].toUpperCase()}${part.slice(1)}${/[.!?…]$/.test(part) ? "" : "."}`).join(" ");

function say(text, kind = "error") {
  byId("said").hidden = !text;
  byId("said").textContent = sentences(text);
  byId("said").className = kind;
}

async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    if (!refusedAt(error.message)) say(error.message);
    return null;
  }
}

async function opened() {
  for (;;) {
    const now = await call("GET", "/api/state");
    if (now.error) throw new Error(now.error);
    if (now.ready) return;
    byId("opening-text").textContent = `${now.stage[0].toUpperCase()}${now.stage.slice(1)} …`;
    if (now.share > 0) byId("opening-bar").value = now.share;
    else byId("opening-bar").removeAttribute("value");
    await wait(LOOK_MS);
  }
}

function draft() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT));
    if (kept && kept.fingerprint === state.study.fingerprint) return { ...copy(state.study.asked), ...kept.asked };
  } catch (error) { /* a draft that cannot be read is none */ }
  return copy(state.study.asked);
}

function changed() {
  sessionStorage.setItem(DRAFT, JSON.stringify({ fingerprint: state.study.fingerprint, asked: state.asked }));
  const { asked } = state;
  const parts = [];
  const moved = Object.keys(asked.moved).length;
  if (asked.posts_must.length) parts.push(`${asked.posts_must.length} must be used`);
  if (asked.posts_not.length) parts.push(`${asked.posts_not.length} may not be used`);
  if (moved) parts.push(`${moved} moved`);
  const added = Object.keys(asked.new_posts).length;
  if (added) parts.push(`${added} new`);
  byId("changes").textContent = parts.length ? `Posts: ${parts.join(", ")}.` : "";
  follow();
}

// From here on figures follow what is changed; until then a plan has those it was made with
function settle() {
  state.settled = copy(state.asked);
  changed();
}

const shownPlan = () => state.details.get(state.shown);
const here = () => (state.placed && state.placed.plan === state.shown ? state.placed.bought : (shownPlan() || {}).bought || []);

// Let the shown plan's figures follow what is assumed, and where its responders are put
function follow(asked = state.asked) {
  const plan = shownPlan();
  if (!state.following) return;
  if (plan && plan.found && plan.figures && (state.placed || (differs(asked, { asked: state.settled }) && differs(asked, plan)))) state.following.follow(plan, asked, here());
  else state.following.stop();
}

function followed(live) {
  if (live && live.kind === "refused") {
    if (!refusedAt(live.text)) say(live.text);
    return;
  }
  if (live && live.kind === "replay") acceptedAgain();
  state.live = live;
  if (live && live.kind === "estimate") answer(); // the map waits for the replay
  else draw();
}

const act = {
  stateOf: (id) => (state.asked.posts_must.includes(id) ? "must" : state.asked.posts_not.includes(id) ? "not" : "may"),

  setState(id, value) {
    state.asked.posts_must = state.asked.posts_must.filter((p) => p !== id);
    state.asked.posts_not = state.asked.posts_not.filter((p) => p !== id);
    if (value === "must") state.asked.posts_must.push(id);
    if (value === "not") state.asked.posts_not.push(id);
    const choice = document.querySelector(`tr[data-post="${CSS.escape(id)}"] select`);
    if (choice) choice.value = value;
    changed();
    draw();
  },

  // An area's figures under the shown plan and, beside it, the one it is held against
  factsOf(i) {
    const { plan, other } = state.facts;
    const plans = [other, plan].filter((one) => one && one.areas && one.areas.wait_s.length === state.study.areas.length);
    const rows = [["wait_s", "Mean wait, min", 1], ["share_in_time", "Not reached in time, %", "%"], ["depth", "Responders within the standard", 1]];
    return { plans: plans.map(({ name }) => name), rows: rows.map(([view, title, digits]) => [title, ...plans.map(({ areas }) => (isNumber(areas[view][i]) ? figureOf(shownAs(view, areas[view][i]), digits) : "–"))]) };
  },

  // What a post would do where it is being dragged
  dragging(id, longitude, latitude) {
    const { asked } = state;
    if (asked.new_posts[id]) follow({ ...asked, new_posts: { ...asked.new_posts, [id]: { ...asked.new_posts[id], longitude, latitude } } });
    else follow({ ...asked, moved: { ...asked.moved, [id]: [longitude, latitude] } });
  },

  // One responder more or less of the shown plan
  staff(type, post, pattern, step) {
    const rows = here().map((row) => [...row]);
    const row = rows.find((r) => r[0] === type && r[1] === post && r[2] === pattern);
    if (row) row[3] = Math.max(0, row[3] + step);
    else if (step > 0) rows.push([type, post, pattern, step]);
    state.placed = { plan: state.shown, bought: rows.filter((r) => r[3] > 0) };
    changed();
    draw();
  },

  addPost(longitude, latitude) {
    return guarded(() => state.news.add(longitude, latitude));
  },

  removePost(id) {
    state.news.remove(id);
  },

  async move(id, longitude, latitude) {
    const found = await guarded(() => placed(id, longitude, latitude));
    if (found) moved(id, found);
    else {
      changed();
      draw(); // back to where it was
    }
  },

  async nudge(id, east, north) {
    const post = postOf(id);
    const from = state.asked.moved[id] || [post.lon, post.lat];
    const found = await guarded(() => further(from, east, north, (lon, lat) => placed(id, lon, lat)));
    if (found) moved(id, { ...found, snap_m: 0 });
    else if (byId("said").hidden) say(`There is no other place on a road that way near ${post.name}.`);
  },

  placeByClick(id) {
    say(`Click the map where ${postOf(id).name} is to be.`, "note");
    state.city.onceClicked((lon, lat) => act.move(id, lon, lat));
  },

  back(id) {
    delete state.asked.moved[id];
    changed();
    draw();
    drawPosts();
  },

  pick(id) {
    state.post = id;
    byId("post-choice").value = id;
    draw();
  },

  async report(id) {
    await guarded(() => run(() => call("POST", "/api/reports", { plan: id })));
  },

  async show(id) {
    state.shown = id;
    state.placed = null;
    await detail(id);
    state.news.ofPlan(shownPlan());
    settle();
    draw();
  },

  async choose(id, on) {
    if (on) state.chosen.add(id);
    else state.chosen.delete(id);
    await detail(id);
    draw();
  },

  async ask(id) {
    const plan = await detail(id);
    if (plan) useAsked({ ...copy(state.study.asked), ...copy(plan.asked) });
  },

  async rename(plan) {
    const name = window.prompt("New name", plan.name);
    if (name) {
      await guarded(() => call("PATCH", `/api/plans/${plan.id}`, { name }));
      state.details.delete(plan.id);
      await refresh();
    }
  },

  async remove(plan) {
    if (!window.confirm(`Delete ${plan.name}? Its file is deleted too.`)) return;
    await guarded(() => call("DELETE", `/api/plans/${plan.id}`));
    state.chosen.delete(plan.id);
    state.details.delete(plan.id);
    if (state.shown === plan.id) state.shown = "";
    await refresh();
  },
};

const postOf = (id) => state.study.posts.find((p) => p.id === id);
async function placed(id, longitude, latitude) {
  const found = await call("POST", "/api/place", { post_id: id, longitude, latitude, new: state.asked.new_posts[id] ? { ...state.asked.new_posts[id], longitude, latitude } : null });
  if (found.refused) throw new Refused(found.refused);
  return found;
}

function moved(id, found) {
  const post = postOf(id);
  if (state.asked.new_posts[id]) state.news.moved(id, found);
  else state.asked.moved[id] = [found.lon, found.lat];
  post.moved_reach = found.reach;
  const far = found.snap_m >= 1 ? `, ${plain(found.snap_m, 0)} m from where it was put to the nearest road` : " along the roads";
  say(`${post.name} moved${far}. Alone it reaches ${percent(found.reach)} of calls in time (before: ${percent(found.reach_before)}).`, "note");
  changed();
  draw();
  drawPosts();
}

function useAsked(asked) {
  state.asked = { ...asked, new_posts: asked.new_posts || {} };
  state.placed = null;
  state.news.sync();
  state.form = new Form(state.study, state.asked, changed);
  state.form.redraw();
  byId("find").addEventListener("click", () => guarded(find));
  byId("judge").addEventListener("click", () => guarded(judge));
  byId("stop").addEventListener("click", () => guarded(stop));
  settle();
  draw();
  drawPosts();
}

async function detail(id) {
  if (!id) return null;
  if (!state.details.has(id)) {
    const path = id === "today" ? "/api/today" : `/api/plans/${encodeURIComponent(id)}`;
    const found = await guarded(() => call("GET", path));
    if (found) state.details.set(id, id === "today" ? { ...found, scales: state.study.scales } : found);
  }
  return state.details.get(id) || null;
}

async function refresh() {
  const list = await guarded(() => call("GET", "/api/plans"));
  if (!list) return;
  state.plans = [...(state.study.has_today ? [{ id: "today", name: "Today", status: "as it is", found: true }] : []), ...list];
  if (!state.plans.some((p) => p.id === state.shown)) state.shown = state.plans.length ? state.plans[state.plans.length - 1].id : "";
  for (const id of [state.shown, ...state.chosen, state.study.has_today ? "today" : ""]) await detail(id);
  state.news.ofPlan(shownPlan());
  follow();
  draw();
}

function options(box, value, first) {
  box.replaceChildren(...first.map(([id, name]) => el("option", { value: id, selected: id === value }, name)));
}

function draw() {
  if (!state.city || !state.asked) return;
  const plan = state.details.get(state.shown);
  const other = state.against && state.against !== state.shown ? state.details.get(state.against) : null;
  const found = state.plans.filter((p) => p.found);
  options(byId("shown"), state.shown, found.map((p) => [p.id, p.name]));
  options(byId("against"), state.against, [["", "nothing"], ...found.map((p) => [p.id, p.name])]);
  state.city.place(here(), state.asked.moved);
  const view = byId("view").value;
  const seen = state.live && state.live.kind === "replay" && state.live.plan === (plan || {}).id ? state.live : plan;
  const values = seen && seen.areas && seen.areas[view] && plan.areas[view].length === state.study.areas.length ? seen.areas[view].map((v) => shownAs(view, v)) : null;
  const before = other && other.areas && other.areas[view] && other.areas[view].length === state.study.areas.length ? other.areas[view].map((v) => shownAs(view, v)) : null;
  if (values && before) state.city.paint(values.map((v, i) => (isNumber(v) && isNumber(before[i]) ? v - before[i] : null)), changeScale(plan, other, view));
  else state.city.paint(values, values ? plan.scales[view] : null);
  state.facts = { plan: seen === plan || !seen ? plan : { ...plan, areas: seen.areas }, other: other || (state.shown === "today" ? null : state.details.get("today")) };
  const { asked, study } = state, post = postOf(state.post);
  const reach = state.city.reach(post, { moved: post && asked.moved[post.id], speed: asked.speed, standard: asked.target_min || study.target, scale: ((asked.target_min && plan && plan.scales) || study.scales).wait_s });
  showPost(post, asked, { there: state.city.wordsAt(state.post), reach, turn: state.city.turn }, act, plan && plan.found ? { study, bought: here() } : null);
  state.city.choose(state.post);
  answer();
  showPlans(state.plans, state.chosen, state.details, state.study, act);
  showRuns(state.runs, state.plans);
}

function answer() {
  const plan = shownPlan();
  const live = state.live && plan && state.live.plan === plan.id ? state.live : null;
  showAnswer(plan, { study: state.study, live, bought: here(), today: state.details.get("today"), runs: state.runs, old: plan && plan.fingerprint && plan.fingerprint !== state.study.fingerprint }, act);
}

const changeScale = (plan, other, view) => {
  const scale = plan.scales[`${view}_change`];
  const named = `${plan.name} minus ${other.name}`;
  const title = scale.title.includes("plan minus today") ? scale.title.replace("plan minus today", named) : `${scale.title.replace(" with the plan", "")}: ${named}`;
  return { ...scale, title };
};

function shownAs(view, value) {
  if (!isNumber(value)) return null;
  if (view === "wait_s") return value / 60;
  return view === "share_in_time" ? 100 * (1 - value) : value;
}

const figureOf = (value, digits) => (digits === "%" ? points(value) : value.toFixed(digits));

const drawPosts = () => showPosts(state, act);

// What a field holds and is no number is not searched with: the person is led there, where it says what would do.
function unclear() {
  const wrong = [...document.querySelectorAll('#form input[aria-invalid="true"]:not([data-refused])')].find((input) => !input.closest("label[hidden]"));
  if (!wrong) return false;
  const row = wrong.closest(".figure");
  if (row) row.hidden = false;
  if (wrong.closest("details")) wrong.closest("details").open = true;
  wrong.focus();
  return true;
}

async function find() {
  if (unclear()) return;
  const { asked } = state;
  await run(() => call("POST", "/api/jobs", { kind: "find", asked, name: byId("plan-name").value.trim() }));
}

async function judge() {
  const plan = state.details.get(state.shown);
  if (unclear()) return undefined;
  if (!plan || !plan.bought) return say("Choose a plan to show first.");
  const name = byId("plan-name").value.trim() || `${plan.name}, re-evaluated`.slice(0, 120);
  await run(() => call("POST", "/api/jobs", { kind: "judge", asked: state.asked, bought: here(), name }));
  return undefined;
}

async function run(ask) {
  say("");
  state.job = await ask();
  const { changed = [] } = state.job;
  sessionStorage.setItem(SEARCH, JSON.stringify({ session: current(), id: state.job.id }));
  buttons(true);
  byId("search").dataset.seen = "";
  try {
    while (state.job.state === "queued" || state.job.state === "running") {
      showJob(state.job);
      bring();
      await wait(LOOK_MS);
      state.job = await call("GET", `/api/jobs/${state.job.id}`);
    }
    sessionStorage.removeItem(SEARCH);
    showJob(state.job);
    if (state.job.error && !refusedAt(state.job.error)) say(state.job.error);
    if (state.job.state === "done") await answered(state.job);
    if (!state.job.error && changed.length) say(`Changed since this page was started: ${changed.join(", ")}. The plan was made with what was read then; end the page in the terminal and start it again to use the files as they are now.`, "note");
  } catch (error) {
    forget(error);
    throw error;
  } finally {
    buttons(false);
    draw();
  }
}

// A tab that was loaded again in the middle of a search goes on with it: it can be watched and stopped as before.
async function resume() {
  const kept = JSON.parse(sessionStorage.getItem(SEARCH) || "null");
  if (!kept) return;
  const own = current();
  adopt(kept.session);
  const job = await call("GET", `/api/jobs/${encodeURIComponent(kept.id)}`).catch(forget);
  if (job) await guarded(() => run(() => job));
  adopt(own);
}

// A search whose answer was lost on its way goes on, and so does one whose tab is being loaded again, which breaks off what
// was asked: the page goes back to it. One that the server knows nothing of is over.
function forget(error) {
  if (!(error instanceof Unanswered)) sessionStorage.removeItem(SEARCH);
}

// Bring the search into view when it begins and when its chart comes; then leave the page where the person wants it.
function bring() {
  const now = byId("chart").firstChild ? "chart" : "figures";
  if (byId("search").dataset.seen === now) return;
  byId("search").dataset.seen = now;
  byId("search").scrollIntoView({ block: "nearest" });
}

async function answered(job) {
  state.shown = job.plan;
  state.placed = null;
  settle();
  if (TABS) TABS.postMessage("new");
  if (job.kind === "report") {
    state.details.delete(job.plan);
    await reports();
    say("The report is ready. Its pages and files are listed with the plan and in the study’s results.", "note");
  } else {
    byId("plan-name").value = "";
    state.chosen.add(job.plan);
    if (state.study.has_today) state.chosen.add("today");
  }
  await refresh();
}

async function stop() {
  if (state.job) state.job = await call("POST", `/api/jobs/${state.job.id}/stop`);
}

function buttons(running) {
  const held = document.activeElement;
  byId("stop").hidden = !running;
  // whoever goes by keys is never left on a button that is gone
  if (running && ["find", "judge", "make-report"].includes(held.id)) byId("stop").focus();
  byId("find").disabled = running;
  byId("judge").disabled = running;
  if (!running && (held.id === "stop" || held === document.body)) byId("find").focus({ preventScroll: true });
  document.body.dataset.running = running ? "yes" : "no";
}

async function reports() {
  state.runs = (await guarded(() => call("GET", "/api/results"))) || [];
}

function listPosts() {
  options(byId("post-choice"), state.post, [["", "choose a post"], ...state.study.posts.map((p) => [p.id, p.name])]);
}

async function start() {
  await open();
  await opened();
  state.study = await call("GET", "/api/study");
  byId("title").textContent = state.study.name;
  document.title = `${state.study.name}: what if`;
  byId("about").textContent = `What if · ${state.study.history}`;
  byId("notice").textContent = state.study.notice;
  byId("notice").hidden = !state.study.notice;
  byId("opening").hidden = true;
  byId("page").hidden = false;
  state.city = new City(state.study, act);
  byId("credit").textContent = state.study.attribution;
  byId("shown").addEventListener("change", (e) => act.show(e.target.value));
  byId("against").addEventListener("change", async (e) => { state.against = e.target.value; await detail(state.against); draw(); });
  byId("view").addEventListener("change", draw);
  // the chosen post's card stands where the answer begins
  new ResizeObserver(() => byId("side").style.setProperty("--card", byId("post-card").hidden ? "0" : `${byId("post-card").offsetHeight + 13}px`)).observe(byId("post-card"));
  state.following = new Live(followed);
  state.news = new NewPosts(state, placed, () => { changed(); listPosts(); draw(); drawPosts(); });
  listPosts();
  byId("add-post").addEventListener("click", (e) => {
    if (e.detail === 0) return act.addPost(...state.city.middle()); // by keys: in the middle, to be moved by its buttons
    say("Click the map where the new post is to be.", "note");
    return state.city.onceClicked((lon, lat) => act.addPost(lon, lat));
  });
  byId("post-choice").addEventListener("change", (e) => act.pick(e.target.value));
  byId("reset").addEventListener("click", () => useAsked(copy(state.study.asked)));
  byId("posts-filter").addEventListener("input", drawPosts);
  useAsked(draft());
  await reports();
  await refresh();
  document.body.dataset.ready = "yes";
  // plans of other tabs are there as soon as they are made, those of other browsers when the page is looked at again
  if (TABS) TABS.addEventListener("message", refresh);
  document.addEventListener("visibilitychange", () => (document.hidden ? null : refresh()));
  await guarded(resume);
}

start().catch((error) => {
  byId("opening-text").textContent = error.message;
  byId("opening").classList.add("failed");
  byId("opening-bar").hidden = true;
});
