// Plays the drawn day: two minutes at speed 1.
const FILM_S = 120; // of a day at speed 1
const TOLD_MS = 100; // counts and clock change ten times a second, units with every frame
const STEP_S = 600;
const CALM_MS = 700; // where the reader wants less motion the film goes on in steps, each of so many minutes
const CALM_STEP_S = 300;

class Film {
  constructor(maps) {
    const film = content.film, places = filmPlaces(film), ways = new Ways(content.travel ? roadGraph() : null);
    this.maps = maps;
    this.names = ["today", "plan"].filter((name) => film.runs[name]);
    this.days = Object.fromEntries(this.names.map((name) => [name, new FilmDay(film.runs[name], film, places, ways)]));
    this.inks = Object.fromEntries(Object.keys(maps).map((name) => [name, new FilmInk(maps[name], this.days[name])]));
    this.now = 0;
    this.speed = 1;
    this.isPlaying = false;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.at = (id) => document.getElementById(`film_${id}`);
    this.at("play").addEventListener("click", () => this.play(!this.isPlaying));
    this.at("close").addEventListener("click", () => this.close());
    this.at("time").addEventListener("input", () => this.seek(60 * Number(this.at("time").value)));
    this.at("speed").addEventListener("change", () => (this.speed = Number(this.at("speed").value)));
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeprint", () => this.play(false));
    document.addEventListener("visibilitychange", () => document.hidden && this.play(false));
    this.drawKey();
  }

  get isOpen() {
    return !document.getElementById("film").hidden;
  }

  // On a quiet map: streets, posts and names.
  open() {
    this.before = { view: chosen("view", "plain"), mode: chosen("mode", "plan") };
    document.getElementById("film").hidden = false;
    document.body.classList.add("filming");
    choose({ view: "plain", mode: this.before.mode === "change" ? "plan" : this.before.mode });
    this.show();
    this.makeRoom();
    this.at("play").focus();
    if (!this.calm.matches) this.play(true);
    else this.seek(this.now);
  }

  close() {
    this.play(false);
    document.getElementById("film").hidden = true;
    document.body.classList.remove("filming");
    for (const [name, ink] of Object.entries(this.inks)) ink.show(this.maps[name], false);
    choose(this.before);
    this.makeRoom();
    document.getElementById("film_open").focus();
  }

  // The maps end where the film's controls begin.
  makeRoom() {
    document.body.style.setProperty("--film-height", `${document.getElementById("film").offsetHeight}px`);
    Object.values(this.maps).forEach((map) => fit(map));
  }

  // Which maps show what: one map the deployment that is chosen, two maps each its own.
  show() {
    const mode = chosen("mode", "plan");
    this.shown = mode === "both" ? this.names : [mode in this.days ? mode : "plan"];
    for (const [name, ink] of Object.entries(this.inks)) {
      ink.day = this.days[mode === "both" ? name : this.shown[0]];
      ink.show(this.maps[name], name === "plan" || mode === "both");
      const who = mode === "both" ? name : this.shown[0];
      document.getElementById(`caption_${name}`).replaceChildren(named(`A drawn ${content.film.day}: ${DEPLOYMENT[who]}`));
    }
    this.seek(this.now);
  }

  play(on) {
    if (on && this.now >= DAY_S) this.now = 0;
    this.isPlaying = on;
    document.body.dataset.film = on ? "plays" : "rests";
    this.at("play").textContent = on ? "Pause" : "Play";
    this.at("said").textContent = on ? "" : `Paused at ${clockOf(this.now)}`;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.step);
    if (!on) return this.seek(this.now);
    this.last = null;
    if (this.calm.matches) this.goOn();
    else this.frame = requestAnimationFrame((time) => this.tick(time));
  }

  tick(time) {
    // a frame that took long does not let units jump
    const passed = this.last === null ? 0 : Math.min(time - this.last, 100);
    this.last = time;
    this.now += (passed / 1000) * this.speed * (DAY_S / FILM_S);
    if (this.now >= DAY_S) {
      this.now = DAY_S;
      return this.play(false);
    }
    this.paint();
    if (time - (this.toldAt || 0) > TOLD_MS) {
      this.toldAt = time;
      this.tell();
    }
    this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  goOn() {
    this.step = setTimeout(() => {
      this.seek(this.now + CALM_STEP_S * this.speed);
      if (this.now >= DAY_S) this.play(false);
      else this.goOn();
    }, CALM_MS);
  }

  seek(now) {
    this.now = Math.max(0, Math.min(DAY_S, now));
    this.paint();
    this.tell();
  }

  paint() {
    for (const ink of Object.values(this.inks)) ink.redraw(this.now);
  }

  tell() {
    const clock = clockOf(this.now);
    this.at("clock").textContent = clock;
    if (document.activeElement !== this.at("time") || this.isPlaying) this.at("time").value = Math.min(1439, Math.floor(this.now / 60));
    this.at("time").setAttribute("aria-valuetext", clock);
    this.at("counts").replaceChildren(...this.shown.map((name) => this.countsOf(name)));
  }

  countsOf(name) {
    const { calls, waits, good, late, left, busy, onDuty } = this.days[name].countsAt(this.now);
    const part = (key, count, words) => make("span", { class: `film-count ${key}` }, make("b", {}, String(count)), ` ${words}`);
    return make("li", {}, make("strong", {}, DEPLOYMENT[name]), part("calls", calls, "calls"), part("waits", waits, "waiting"), part("good", good, "in time"), part("late", late, "later"), part("left", left, "left to police"), part("busy", `${busy} of ${onDuty}`, "on calls"));
  }

  drawKey() {
    const entry = (draw, words) => {
      const canvas = make("canvas", { width: 52, height: 52, class: "film-sign", "aria-hidden": "true" });
      const pen = canvas.getContext("2d");
      pen.scale(2, 2);
      draw(pen);
      return make("li", {}, canvas, words);
    };
    const marks = new FilmMarks(), call = { received: 0 }, kinds = [...new Set(Object.values(this.days).flatMap(({ units }) => units.map(({ kind }) => kind)))].sort((a, b) => a - b);
    marks.now = 40 * content.target;
    this.at("key").replaceChildren(
      ...kinds.map((kind) => make("li", {}, sign(content.glyphs[kind], 20), named(content.glyphs[kind].title))),
      ...(kinds.length ? [make("li", {}, sign(content.glyphs[kinds[0]], 18, true), "free, or on its way back")] : []),
      entry((pen) => marks.open(pen, [13, 13], "waits", call), `waiting: the clock fills in ${content.target} min`),
      entry((pen) => marks.open(pen, [13, 13], "scene", call, 10), "on scene"),
      entry((pen) => marks.open(pen, [13, 13], "police", call), "left to police"),
      entry((pen) => marks.over(pen, [13, 13], "good"), "reached in time"),
      entry((pen) => marks.over(pen, [13, 13], "late"), "reached later"));
  }

  key(event) {
    if (!this.isOpen || event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    if (document.body.classList.contains("presenting") || target.closest?.("#panel, .leaflet-popup, select")) return;
    const isOnButton = target.tagName === "BUTTON", isOnMap = Boolean(target.closest?.(".map"));
    if (key === " " && !isOnButton) this.play(!this.isPlaying);
    else if (key === "ArrowLeft" && !isOnMap) this.seek(this.now - STEP_S);
    else if (key === "ArrowRight" && !isOnMap) this.seek(this.now + STEP_S);
    else if (key === "Home" && !isOnMap) this.seek(0);
    else if (key === "End" && !isOnMap) this.seek(DAY_S);
    else if (key === "Escape" && !document.fullscreenElement) this.close();
    else return;
    event.preventDefault();
  }
}

function startFilm(maps) {
  const button = document.getElementById("film_open");
  if (!button) return;
  let film = null; // made when first asked for: nobody else waits for it
  button.addEventListener("click", () => (film ||= new Film(maps)).open());
  panel.addEventListener("change", () => film?.isOpen && film.show());
}
