// The panel beside the map: reads and sets the state, which the address keeps as well.
const panel = document.getElementById("panel");

function chosen(name, fallback) {
  const input = panel.querySelector(`input[name="${name}"]:checked`);
  return input ? input.value : fallback;
}

function readState() {
  const view = content.views.find((v) => v.key === chosen("view", "plain"));
  let mode = chosen("mode", "plan");
  for (const input of panel.querySelectorAll('input[name="mode"]')) {
    input.disabled = !view.modes.includes(input.value);
  }
  if (!view.modes.includes(mode)) mode = "plan";
  const overlays = {};
  for (const input of panel.querySelectorAll('input[type="checkbox"]')) overlays[input.name] = input.checked;
  const group = document.getElementById("group");
  if (group) document.getElementById("who").hidden = view.key !== "group";
  return { view, mode, period: chosen("period", ""), group: group ? Number(group.value) : 0, overlays };
}

// Set choices of the panel as a reader would.
function choose(wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    const input = [...panel.querySelectorAll(`input[name="${name}"]`)].find((one) => one.value === value);
    if (input) input.checked = true;
  }
  panel.dispatchEvent(new Event("change"));
}

function writeAddress(state) {
  const address = new URLSearchParams({ show: state.view.key, of: state.mode });
  if (state.period) address.set("at", state.period);
  if (state.view.key === "group") address.set("who", content.groups[state.group][0]);
  history.replaceState(null, "", `#${address}`);
}

// An address without a time is of the whole week; one without a view, as of a link within the page, says nothing.
function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  if (address.has("show") && !address.has("at")) address.set("at", "");
  for (const [key, name] of [["show", "view"], ["of", "mode"], ["at", "period"]]) {
    const wanted = [...panel.querySelectorAll(`input[name="${name}"]`)].find((input) => input.value === address.get(key));
    if (wanted) wanted.checked = true;
  }
  const who = content.groups.findIndex(([name]) => name === address.get("who"));
  if (who >= 0) document.getElementById("group").value = String(who);
}

// Search: names are offered by the browser's own list.
function places() {
  const found = new Map();
  const add = (name, place) => {
    let label = name;
    for (let i = 2; found.has(label.toLowerCase()); i += 1) label = `${name} (${i})`;
    found.set(label.toLowerCase(), { label, ...place });
  };
  for (const district of content.districts) add(district.name, { area: district });
  for (const post of content.posts) add(post.name, { post });
  return found;
}

function startSearch(cities) {
  const found = places();
  const input = document.getElementById("search");
  const list = document.getElementById("places");
  const answer = document.getElementById("found");
  list.replaceChildren(...[...found.values()].map((place) => {
    const option = make("option");
    option.value = place.label;
    return option;
  }));
  const show = (place) => {
    answer.textContent = `Shown: ${place.label}`;
    reveal(place);
    cities.filter((city) => !hiddenNow(city.map)).forEach((city) => visit(city, place));
  };
  const go = () => {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted) return;
    const exact = found.get(wanted);
    const all = exact ? [exact] : [...found.entries()].filter(([name]) => name.includes(wanted)).map(([, place]) => place);
    if (all.length === 1) show(all[0]);
    else if (!all.length) answer.textContent = "No district or post has that name.";
    else answer.replaceChildren(...choices(all, show));
  };
  // The form is never sent: in a sandbox, as from the what-if page or in a wiki, not even its event would come
  document.getElementById("find").addEventListener("click", go);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (event.target === input) go();
  });
  // A name taken from the browser's list needs no Enter
  input.addEventListener("input", (event) => {
    if (!(event.inputType || "").match(/^(insertText|delete|insertComposition)/) && found.has(input.value.trim().toLowerCase())) go();
  });
}

// Of several places of a name the reader chooses.
const MOST_CHOICES = 8;
function choices(all, show) {
  const more = all.length - MOST_CHOICES;
  const buttons = all.slice(0, MOST_CHOICES).map((place) => {
    const button = make("button", { type: "button", class: "choice" }, named(place.label));
    button.addEventListener("click", () => show(place));
    return button;
  });
  return ["Which one? ", ...buttons, more > 0 ? ` and ${more} more: type more of the name` : ""];
}

// A post that nobody waits at is drawn only if asked for: whoever looks for it asks for it.
function reveal({ post }) {
  const box = panel.querySelector('input[name="candidates"]');
  if (!post || box.checked || content.names.some((name) => post.crew[name].length)) return;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function visit(city, place) {
  const { map } = city;
  const facts = place.area ? districtFacts(place.area, city.state.period) : postFacts(place.post);
  const at = unpackPoint(place.area ? place.area.l : place.post.at);
  if (place.area) showPlaces(map, unpackArea(place.area.g).flat(2).map((one) => L.latLng(one)), L.point(30, 30));
  else map.setView(at, Math.max(map.getZoom(), 15), { animate: false });
  if (place.post) facts.append(reachWords([place.post], city.state) || "");
  L.popup(cardSize(map)).setLatLng(at).setContent(facts).openOn(map);
  if (place.post) city.showReach([place.post]);
}

// Full screen for the map with its controls, under the page's answer.
document.addEventListener("fullscreenchange", () => {
  const bench = document.getElementById("workbench");
  bench.querySelector(".carried")?.remove();
  const answer = document.querySelector(".top .answer");
  if (document.fullscreenElement !== bench || !answer) return;
  const copy = answer.cloneNode(true);
  copy.removeAttribute("id");
  copy.classList.add("carried");
  bench.prepend(copy);
});

const FullScreen = L.Control.extend({
  options: { position: "topleft" },
  onAdd() {
    const button = make("button", { type: "button", class: "fullscreen", "aria-label": "Full screen", title: "Full screen" });
    const corners = draw("svg", { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" });
    corners.append(draw("path", { d: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", fill: "none", stroke: "currentColor", "stroke-width": 2.4 }));
    button.append(corners);
    const box = make("div", { class: "leaflet-bar" }, button);
    L.DomEvent.disableClickPropagation(box);
    button.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.getElementById("workbench").requestFullscreen();
    });
    return box;
  },
});
