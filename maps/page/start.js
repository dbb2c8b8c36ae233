// Put the page together.
const SMALLER = 0.1, MUCH_SMALLER = 0.25; // of a zoom step: a fifteenth of the size, which is worth a strip beneath the map; a sixth

// Whether the legend lies on the city where it is shown so.
function isUnder(map, box, { center, zoom, turn }) {
  const system = turnedSystem(turn), pane = map.getContainer().getBoundingClientRect(), corner = system.latLngToPoint(center, zoom).subtract(map.getSize().divideBy(2));
  const bounds = L.bounds([box.left - pane.left, box.top - pane.top], [box.right - pane.left, box.bottom - pane.top]);
  return L.PolyUtil.clipPolygon(cityHull.map((place) => system.latLngToPoint(place, zoom).subtract(corner)), bounds).length > 2;
}

function fit(map) {
  if (hiddenNow(map)) return;
  map.invalidateSize({ animate: false });
  const legend = document.getElementById("legend"), panes = document.getElementById("panes");
  const framed = (besides) => {
    // The caption, of two lines on a small map, may not lie on the city; on a narrow screen it stands above, and the scale reaches in.
    // The buttons stand in a corner of a high map, and along the whole side of a low one.
    const stands = getComputedStyle(map.getContainer().nextElementSibling).position === "static", { x, y } = map.getSize();
    const caption = (x < 600 ? 72 : 50) * (document.fullscreenElement ? 1.3 : 1);
    const isLow = y < x && !panes.classList.contains("both"); // two maps keep one margin, lest they be turned apart
    const before = stands ? L.point(isLow ? 52 : 18, 18) : L.point(48, caption), after = L.point(12 + besides, stands ? 46 : 12), turn = bestTurn(map, before, after);
    return { turn, ...framing(map, turnedSystem(turn), cityHull, before, after) };
  };
  const strip = (on) => {
    if (panes.classList.contains("strip") === on) return;
    panes.classList.toggle("strip", on);
    map.invalidateSize({ animate: false });
  };
  strip(false);
  const floats = getComputedStyle(legend).position === "absolute";
  // Leave room beside the legend where it would lie on the city; where a strip beneath shows the city larger, the legend is that. In full screen
  // it may lie on the city, if that would be much smaller otherwise: who fills the screen wants it large, and can move it
  let chosen = framed(0);
  const whole = chosen, mayLie = document.fullscreenElement && !document.body.classList.contains("presenting");
  if (floats && isUnder(map, legend.getBoundingClientRect(), chosen)) {
    chosen = framed(legend.offsetWidth + 24);
    strip(true);
    const above = framed(0);
    if (above.fits > chosen.fits + SMALLER) chosen = above;
    else strip(false);
    if (mayLie && chosen.fits < whole.fits - MUCH_SMALLER) {
      chosen = whole;
      strip(false);
    }
  }
  turnTo(map, chosen.turn, chosen);
}

// On paper, a city that lies level takes no more of the sheet's height than it needs.
const LEAST_SHEET_PX = 240, SHEET_MARGIN_PX = 110;
function lowerSheet(map) {
  const panes = document.getElementById("panes"), { y } = L.bounds(cityHull.map((place) => map.latLngToContainerPoint(place))).getSize();
  const needed = Math.max(LEAST_SHEET_PX, y + SHEET_MARGIN_PX);
  if (panes.classList.contains("both") || needed >= map.getSize().y) return;
  panes.style.height = `${needed}px`;
  fit(map);
}

// Two maps move as one.
function couple(a, b) {
  let moving = false;
  const follow = (from, to) => from.on("move", () => {
    if (moving || hiddenNow(to) || hiddenNow(from)) return;
    moving = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    moving = false;
  });
  follow(a, b);
  follow(b, a);
}

function caption(name, state) {
  const period = content.periods.find((p) => p.key === state.period);
  const words = state.mode === "change" ? "Plan against today" : DEPLOYMENT[state.mode];
  const hours = period.hours ? ` (${period.hours})` : "";
  const when = state.period ? `, ${period.title}${hours}` : "";
  const what = state.view.key === "demand" ? state.view.title : state.view.key === "group" ? `Mean wait where the group ${content.groups[state.group][0]} lives: ${words}` : `${state.view.title}: ${words}`;
  document.getElementById(`caption_${name}`).replaceChildren(named(what + when));
}

function start(maps) {
  const names = Object.keys(maps);
  const cities = {};
  for (const name of names) {
    const map = maps[name];
    map.addControl(new FullScreen());
    map.addControl((map.north = new North()));
    map.on("focus click", () => map.scrollWheelZoom.enable());
    map.on("blur mouseout", () => map.scrollWheelZoom.disable());
    if (name === "plan") fit(map);
    else turnTo(map, turnOf(maps.plan), { center: maps.plan.getCenter(), zoom: maps.plan.getZoom() });
    cities[name] = new City(map);
  }
  if (names.length > 1) couple(maps.plan, maps.today);

  const redraw = () => {
    const state = readState();
    const both = state.mode === "both";
    for (const name of names) {
      const pane = document.getElementById(`pane_${name}`);
      const on = name === "plan" || both;
      pane.hidden = !on;
    }
    const shown = (both ? names : ["plan"]).map((name) => [name, { ...state, mode: both ? name : state.mode }]);
    // first what takes room beside the maps
    for (const one of shown) caption(...one);
    drawLegend(state);
    const panes = document.getElementById("panes");
    if (panes.classList.toggle("both", both) !== panes.wasBoth) {
      panes.wasBoth = both;
      names.forEach((name) => fit(maps[name]));
    }
    for (const [name, one] of shown) cities[name].draw(one);
    writeAddress(state);
  };

  document.getElementById("group")?.replaceChildren(...content.groups.map(([name], k) => make("option", { value: String(k) }, name)));
  readAddress();
  startSearch(Object.values(cities));
  signNames();
  panel.addEventListener("change", (event) => {
    if (event.target.id !== "search") redraw();
  });
  window.addEventListener("hashchange", () => {
    readAddress();
    redraw();
  });
  const sizes = new ResizeObserver(() => names.forEach((name) => hiddenNow(maps[name]) || maps[name].invalidateSize({ animate: false })));
  names.forEach((name) => sizes.observe(maps[name].getContainer()));
  const shownNow = () => names.filter((name) => !hiddenNow(maps[name]));
  // In full screen the city fills the screen, unless somebody looks at a part of it
  document.addEventListener("fullscreenchange", () => requestAnimationFrame(() => shownNow().forEach((name) => {
    if (seesCity(maps[name]) || !document.fullscreenElement) fit(maps[name]);
  })));
  window.addEventListener("beforeprint", () => {
    document.body.classList.add("printing");
    shownNow().forEach((name) => {
      fit(maps[name]);
      lowerSheet(maps[name]);
      cities[name].spreadNames();
      cities[name].toPaper();
    });
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    document.getElementById("panes").style.height = "";
    shownNow().forEach((name) => {
      cities[name].fromPaper();
      fit(maps[name]);
    });
  });
  redraw();
  if (content.film) startFilm(maps);
  if (content.scenes.length) startScenes(maps, cities);
  if (content.week) startHours();
  ready();
}
