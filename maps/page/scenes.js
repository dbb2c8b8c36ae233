// The presenter's view: scene after scene in large type beside the map that shows it.
class Scenes {
  constructor(maps, cities) {
    this.maps = maps;
    this.cities = cities;
    this.at = 0;
    this.part = (id) => document.getElementById(`scene${id ? `_${id}` : ""}`);
    for (const [id, does] of [["back", () => this.go(this.at - 1)], ["next", () => this.go(this.at + 1)], ["full", () => this.fill()], ["save", () => this.save()], ["close", () => this.close()]]) this.part(id).addEventListener("click", does);
    // before the map takes the arrows
    document.addEventListener("keydown", (event) => this.key(event), { capture: true });
    document.addEventListener("fullscreenchange", () => (this.part("full").textContent = document.fullscreenElement ? "Leave full screen" : "Full screen"));
  }

  get isOpen() {
    return !this.part("").hidden;
  }

  open() {
    this.before = { view: chosen("view", "plain"), mode: chosen("mode", "plan"), period: chosen("period", "") };
    this.part("").hidden = false;
    document.body.classList.add("presenting");
    this.go(this.at, true);
  }

  close() {
    if (document.fullscreenElement) document.exitFullscreen();
    this.part("").hidden = true;
    document.body.classList.remove("presenting");
    choose(this.before);
    fit(this.maps.plan);
    document.getElementById("scenes_open").focus();
  }

  go(to, isNew = false) {
    const next = Math.max(0, Math.min(content.scenes.length - 1, to));
    if (next === this.at && !isNew) return;
    this.at = next;
    const scene = content.scenes[next];
    this.part("number").textContent = this.number;
    this.part("title").replaceChildren(named(scene.title));
    this.part("says").replaceChildren(named(scene.says));
    this.part("figures").replaceChildren(...scene.figures.map(([label, value, beside]) => make("div", {}, make("dt", {}, named(label)), make("dd", {}, make("b", {}, named(value)), beside ? named(beside) : null))));
    this.part("lines").replaceChildren(...scene.lines.map((line) => make("p", {}, named(line))));
    this.part("back").disabled = next === 0;
    this.part("next").disabled = next === content.scenes.length - 1;
    const has = content.views.find(({ key }) => key === scene.view);
    choose({ view: has ? scene.view : content.views[0].key, mode: scene.mode, period: "" });
    fit(this.maps.plan);
    this.part("").scrollTop = 0;
    this.part("title").focus({ preventScroll: true });
  }

  get number() {
    return `${this.at + 1} of ${content.scenes.length}`;
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.getElementById("workbench").requestFullscreen();
  }

  save() {
    const scene = content.scenes[this.at], name = scene.title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    saveCanvas(paintScene(scene, this.number, this.maps.plan, this.cities.plan), `${scene.mark && `${scene.mark}-`}scene-${this.at + 1}-${name}.png`);
  }

  key(event) {
    if (!this.isOpen || event.ctrlKey || event.altKey || event.metaKey) return;
    const { key, target } = event, isOnButton = target.tagName === "BUTTON";
    if (["ArrowRight", "ArrowDown", "PageDown"].includes(key) || (key === " " && !isOnButton)) this.go(this.at + 1);
    else if (["ArrowLeft", "ArrowUp", "PageUp"].includes(key)) this.go(this.at - 1);
    else if (key === "Home") this.go(0);
    else if (key === "End") this.go(content.scenes.length - 1);
    else if (key === "Escape" && !document.fullscreenElement) this.close();
    else if (key === "f" || key === "F") this.fill();
    else if (key === "s" || key === "S") this.save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function startScenes(maps, cities) {
  const button = document.getElementById("scenes_open");
  if (!button) return;
  let scenes = null;
  button.addEventListener("click", () => (scenes ||= new Scenes(maps, cities)).open());
}
