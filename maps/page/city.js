// One map of the city: everything that one pane shows.
const PANES = { land: 340, cells: 350, roads: 360, lines: 365, outlines: 370, words: 380, candidates: 420 };

const hiddenNow = (map) => map.getContainer().parentElement.hidden;

class City {
  constructor(map) {
    this.map = map;
    this.state = null;
    for (const [name, level] of Object.entries(PANES)) {
      map.createPane(name).style.zIndex = level;
      if (name !== "cells") map.getPane(name).style.pointerEvents = "none";
    }
    map.getPane("candidates").style.pointerEvents = "auto";
    map.attributionControl.setPrefix(false);
    this.ink = new HatchCanvas({ pane: "cells", padding: MARGIN });
    this.lines = L.canvas({ pane: "outlines", padding: MARGIN });
    this.layers = {};
    this.roads = new StreetsInk(streetChains());
    this.ground = L.canvas({ pane: "land", padding: MARGIN });
    L.polygon(unpackArea(content.land), { ...LAND, pane: "land", renderer: this.ground, interactive: false }).addTo(map);
    drawGround(map, { parks: this.ground, water: this.ground });
    this.rail = railLines(this.lines);
    this.borders = L.layerGroup(content.districts.map((d) =>
      L.polygon(unpackArea(d.g), { ...BORDER, renderer: this.lines, pane: "outlines", interactive: false })));
    this.names = L.layerGroup();
    this.streetNames = new StreetNames(map, streetChains(), () => (map.hasLayer(this.ink) ? this.ink.figures() : []), (view) => this.lineTags(view));
    map.on("zoomend resize fitted", () => this.spreadNames());
    let isClosing = false; // a press that closes a card does no more
    map.on("popupclose", () => (isClosing = true));
    map.on("click popupopen", ({ type }) => {
      if (type === "click" && !isClosing) this.showReach(null);
      isClosing = false;
    });
  }

  // What is written on lines of minutes: of an open post's reach, else of the standard; [text, places, color].
  lineTags(view) {
    const tag = (line, color) => [`${line.level} min`, spotsOn(line, view), color];
    if (this.reach && this.map.hasLayer(this.reach.ink)) return this.reach.lines.map((line) => tag(line, REACH_LINE.color));
    return this.state.view.key === "surface" && this.surface ? this.surface.shown.lines.slice(-1).map((line) => tag(line, LINE.color)) : [];
  }

  get field() {
    return (this.surface ||= new SurfaceInk(roadGraph()));
  }

  // Lines around posts that share a sign, or none. They outlive the card, which would hide them: until another is opened, the state
  // changes, or the map is pressed where no card closes.
  showReach(posts) {
    if (!posts && !this.reach) return;
    const reach = content.travel && posts && reachOf(posts, this.state);
    if (reach) {
      this.reach ||= new ReachInk(this.field);
      this.reach.set(reach);
    }
    if (this.reach) this.showInk(this.reach.ink, Boolean(reach));
    this.streetNames.ink._redraw();
  }

  showSurface(state) {
    const on = state.view.key === "surface";
    this.roads.isWhite = on;
    if (on) {
      this.field.set(state);
    }
    for (const ink of this.surface ? [this.surface.ink, this.surface.lineInk] : []) this.showInk(ink, on);
  }

  // The name, and in the view of districts the figure too.
  nameOf(district, state) {
    const { view, mode, overlays } = state;
    const value = this.valueOf(district.v, 0, state);
    const told = view.key === "district" && overlays.figures && isNumber(value);
    const figure = told ? make("b", {}, `${mode === "change" ? signed(value) : fixed(value)} min`) : null;
    const icon = L.divIcon({ className: "district-name", html: make("span", {}, named(district.name), figure), iconSize: null });
    return L.marker(unpackPoint(district.l), { icon, interactive: false, keyboard: false, zIndexOffset: -1000, shape: unpackArea(district.g) });
  }

  // Districts' names choose their places first, streets' names take what is left.
  spreadNames() {
    if (!this.state) return; // nothing is drawn yet
    const pane = this.map.getContainer(), signs = [...this.map.getPane("markerPane").querySelectorAll(".crew")];
    const over = [...pane.querySelectorAll(".leaflet-control"), ...pane.closest(".canvas").querySelectorAll(".caption, .legend, .attribution")];
    if (this.map.hasLayer(this.names)) spread(this.map, this.names.getLayers(), [...signs, ...over]);
    const { left, top } = pane.getBoundingClientRect(), boxes = [...signs, ...pane.querySelectorAll(".district-name span")].filter((node) => getComputedStyle(node).visibility !== "hidden").map((node) => node.getBoundingClientRect());
    this.ink.keepFree(boxes.map((box) => {
      const from = this.map.containerPointToLayerPoint([box.left - left, box.top - top]);
      return { left: from.x, top: from.y, right: from.x + box.width, bottom: from.y + box.height };
    }));
    this.streetNames.ink._redraw();
  }

  toPaper() {
    layOnPaper(this.map, "cells", [this.ground, this.ink, this.surface?.ink, this.roads.ink, this.surface?.lineInk, this.reach?.ink, this.lines, this.streetNames.ink, this._candidateInk]);
  }

  fromPaper() {
    takeOffPaper(this.map);
  }

  // A renderer is drawn when it is added; one that is there already is drawn anew.
  showInk(ink, on) {
    if (on && this.map.hasLayer(ink)) ink._redraw();
    else this.show(ink, on);
  }

  show(layer, on) {
    if (on) layer.addTo(this.map);
    else layer.remove();
  }

  // Draw a state: { view, mode, period, overlays }; mode is plan, today or change.
  draw(state) {
    this.state = state;
    this.showReach(null);
    for (const key of Object.keys(this.layers)) this.layers[key].remove();
    this.layers = { areas: this.areasOf(state), ...(state.overlays.candidates ? { candidates: this.candidatesOf(state) } : {}), ...(state.overlays.posts ? { posts: this.postsOf(state) } : {}) };
    for (const layer of Object.values(this.layers)) layer.addTo(this.map);
    this.showSurface(state);
    this.showInk(this.roads.ink, state.overlays.roads);
    this.show(this.rail, state.overlays.roads);
    this.show(this.borders, state.overlays.borders);
    this.names.clearLayers();
    for (const district of content.districts) this.nameOf(district, state).addTo(this.names);
    this.show(this.names, state.overlays.names);
    this.show(this.streetNames.ink, state.overlays.streets);
    this.spreadNames();
  }

  areasOf(state) {
    const { view } = state;
    if (view.key === "plain" || view.key === "surface") return L.layerGroup();
    if (view.key === "area") return this.serviceAreas(state);
    if (view.key === "district") return this.districtsOf(state);
    return this.cellsOf(state);
  }

  valueOf(values, index, { mode, period }) {
    if (mode === "change") return difference((values[suffix("plan", period)] || [])[index], (values[suffix("today", period)] || [])[index]);
    return (values[suffix(mode, period)] || [])[index];
  }

  // Times of day have areas of their own, each with enough calls at every time.
  cellsAt(period) {
    return period ? content.timeCells : content.cells;
  }

  styleOf(band, figure, at, overlays) {
    const color = band ? band.color : "#d7dadd";
    return { ...AREA, renderer: this.ink, pane: "cells", fillColor: color,
      hatched: band ? band.hatch : "", figure: overlays.figures ? figure : "", figureAt: at };
  }

  cellsOf(state) {
    const { view, mode, period } = state;
    return L.featureGroup(this.cellsAt(period).map((cell) => {
      const demand = view.key === "demand";
      const value = demand ? cell.band[period] : this.valueOf(cell.v, column[view.key], state);
      const pale = paleBand(cell, state);
      const digits = view.key === "late" ? "%" : 1;
      const figure = pale || demand || !isNumber(value) ? "" : mode === "change" ? signed(value, digits) : fixed(value, digits);
      const layer = L.polygon(unpackArea(cell.g), this.styleOf(pale || (demand ? bandOf(view.scale, value) : bandAt(state, cell)), figure, unpackPoint(cell.l), state.overlays));
      return this.tell(layer, () => cellFacts(cell, state));
    }));
  }

  districtsOf(state) {
    return L.featureGroup(content.districts.map((district) => {
      const style = this.styleOf(bandAt(state, district), "", null, state.overlays);
      const layer = L.polygon(unpackArea(district.g), { ...style, color: "#2b3640", weight: 1 });
      return this.tell(layer, () => districtFacts(district, state.period));
    }));
  }

  serviceAreas(state) {
    const areas = content.areas[suffix(state.mode, state.period)] || [];
    const cells = this.cellsAt(state.period).filter((cell) => !isNumber(this.valueOf(cell.v, 3, state)));
    return L.featureGroup([
      ...cells.map((cell) => this.tell(
        L.polygon(unpackArea(cell.g), this.styleOf(NOBODY, "", null, state.overlays)), () => cellFacts(cell, state))),
      ...areas.map((area) => this.tell(
        L.polygon(unpackArea(area.g), { ...this.styleOf({ color: area.color, hatch: "" }, "", null, state.overlays), color: "#1d2833", weight: 2, opacity: 1 }),
        () => postFacts(content.posts[area.post]))),
    ]);
  }

  postsOf(state) {
    const used = content.posts.filter((post) => crewSigns(post, state.mode, "").length);
    return L.layerGroup(byPlace(used, this.map).map((posts) => {
      const marker = L.marker(unpackPoint(posts[0].at), { icon: crewIcon(together(posts), state.mode, state.period), riseOnHover: true });
      return this.tellPosts(marker, posts, posts.length > 1 ? { tabindex: "0" } : {});
    }));
  }

  candidatesOf(state) {
    const unused = content.posts.filter((post) => !crewSigns(post, state.mode, "").length);
    const ink = (this._candidateInk ||= L.canvas({ pane: "candidates", padding: MARGIN }));
    return L.featureGroup(unused.map((post) => this.tellPosts(
      L.circleMarker(unpackPoint(post.at), { renderer: ink, pane: "candidates", radius: 4.5, color: "#1d2833", weight: 1.5, fillColor: "#ffffff", fillOpacity: 1 }), [post])));
  }

  tellPosts(layer, posts, attributes = {}) {
    layer.on("popupopen", () => this.showReach(posts));
    return this.tell(layer, () => make("div", attributes, ...posts.map(postFacts), reachWords(posts, this.state)));
  }

  tell(layer, facts) {
    return layer.bindPopup(facts, cardSize(this.map));
  }
}
