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
  return { view, mode, period: chosen("period", ""), overlays };
}

function writeAddress(state) {
  const address = new URLSearchParams({ show: state.view.key, of: state.mode });
  if (state.period) address.set("at", state.period);
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
  const go = () => {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted) return;
    const place = found.get(wanted) || [...found.entries()].find(([name]) => name.includes(wanted))?.[1];
    answer.textContent = place ? `Shown: ${place.label}` : "No district or post has that name.";
    if (place) cities.filter((city) => !hiddenNow(city.map)).forEach((city) => visit(city, place));
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

function visit(city, place) {
  const { map } = city;
  const facts = place.area ? districtFacts(place.area, city.state.period) : postFacts(place.post);
  const at = unpackPoint(place.area ? place.area.l : place.post.at);
  if (place.area) map.fitBounds(L.latLngBounds(unpackArea(place.area.g).flat(2)), { animate: false, padding: [30, 30] });
  else map.setView(at, Math.max(map.getZoom(), 15), { animate: false });
  L.popup({ maxWidth: 340, minWidth: 200 }).setLatLng(at).setContent(facts).openOn(map);
}

// Full screen for the map with its controls.
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
