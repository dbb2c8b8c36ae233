// Put the page together.
function fit(map) {
  if (hiddenNow(map)) return;
  map.invalidateSize({ animate: false });
  const bounds = L.latLngBounds(content.bounds);
  const legend = document.getElementById("legend");
  const floats = getComputedStyle(legend).position === "absolute";
  const beside = L.point(floats ? legend.offsetWidth + 24 : 0, 0);
  // Leave room for the legend where that does not make the city much smaller
  const loss = map.getBoundsZoom(bounds, false, L.point(60, 24)) - map.getBoundsZoom(bounds, false, L.point(60, 24).add(beside));
  const room = loss <= 0.4 ? beside.x : 0;
  // Nor may the caption, of two lines on a small map, lie on the city; on a narrow screen it stands above, and the scale reaches in
  const stands = getComputedStyle(map.getContainer().nextElementSibling).position === "static";
  const caption = (map.getSize().x < 600 ? 72 : 50) * (document.fullscreenElement ? 1.3 : 1);
  map.fitBounds(bounds, { animate: false, paddingTopLeft: stands ? [18, 18] : [48, caption], paddingBottomRight: [12 + room, stands ? 46 : 12] });
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
  const what = state.view.key === "demand" ? state.view.title : `${state.view.title}: ${words}`;
  document.getElementById(`caption_${name}`).replaceChildren(named(what + when));
}

function start(maps) {
  const names = Object.keys(maps);
  const cities = {};
  for (const name of names) {
    const map = maps[name];
    map.addControl(new FullScreen());
    map.on("focus click", () => map.scrollWheelZoom.enable());
    map.on("blur mouseout", () => map.scrollWheelZoom.disable());
    if (name === "plan") fit(map);
    else map.setView(maps.plan.getCenter(), maps.plan.getZoom(), { animate: false });
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
    const isWhole = maps[name].getBounds().contains(L.latLngBounds(content.bounds));
    if (isWhole || !document.fullscreenElement) fit(maps[name]);
  })));
  window.addEventListener("beforeprint", () => {
    document.body.classList.add("printing");
    shownNow().forEach((name) => {
      fit(maps[name]);
      cities[name].spreadNames();
      cities[name].toPaper();
    });
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
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
