// The map: land and roads as ground, areas colored by a view, posts that can be dragged, lines of minutes around the chosen one. What the
// map page draws with is drawn with here too.
/* global L */
import { el, isNumber, percent, plain } from "./draw.js";
import { ofTheMap } from "./map.js";

const SAME_PLACE_M = 25;
const PANES = { land: 340, cells: 350, roads: 360, lines: 365, outlines: 370, words: 380 };
const ROOM = [[52, 14], [14, 34]]; // pixels before and after the city: for the buttons and the scale
const WHOLE_WEEK = "";

export class City {
  constructor(study, act) {
    this.study = study;
    this.act = act;
    this.content = { ...study, views: [{ key: "surface", scale: study.scales.wait_s }] };
    this.kit = ofTheMap(this.content);
    this.there = new Map();
    this.map = L.map("map", { attributionControl: false, zoomSnap: 0.1, zoomDelta: 0.5, preferCanvas: true, scrollWheelZoom: true });
    this.map.addControl((this.map.north = new this.kit.North()));
    this.fit();
    // a city that is seen whole stays so when the window changes
    let isWhole = true;
    this.map.on("zoomend dragend", () => { isWhole = this.kit.seesCity(this.map); });
    this.map.on("resize", () => (isWhole ? this.fit() : null));
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
    L.control.scale({ imperial: true }).addTo(this.map);
    for (const [name, order] of Object.entries(PANES)) {
      this.map.createPane(name).style.zIndex = order;
      this.map.getPane(name).style.pointerEvents = name === "cells" ? "auto" : "none";
    }
    this.ground();
    this.areas = study.areas.map((area, i) => this.area(area, i));
    this.map.on("zoomend resize", () => this.names());
    this.markers = new Map(study.posts.map((post) => [post.id, this.marker(post)]));
  }

  // A long city lies along the window.
  fit() {
    const { bestTurn, framing, turnedSystem, cityHull, turnTo } = this.kit, [before, after] = ROOM.map((room) => L.point(room));
    const turn = bestTurn(this.map, before, after);
    turnTo(this.map, turn, framing(this.map, turnedSystem(turn), cityHull, before, after));
  }

  get turn() {
    return this.kit.turnOf(this.map);
  }

  ground() {
    const { study, kit } = this, { BORDER, LAND, MARGIN, HatchCanvas, StreetNames, StreetsInk, drawGround, railLines, streetChains, unpackArea } = kit;
    const ground = L.canvas({ pane: "land", padding: MARGIN }), outlines = L.canvas({ pane: "outlines", padding: MARGIN });
    L.polygon(unpackArea(study.land), { ...LAND, renderer: ground, pane: "land", interactive: false }).addTo(this.map);
    drawGround(this.map, { parks: ground, water: ground });
    this.ink = new HatchCanvas({ pane: "cells", padding: MARGIN });
    new StreetsInk(streetChains()).ink.addTo(this.map);
    railLines(outlines).addTo(this.map);
    for (const { g } of study.districts) L.polygon(unpackArea(g), { ...BORDER, renderer: outlines, pane: "outlines", interactive: false }).addTo(this.map);
    this.labels = study.districts.map((district) => this.label(district));
    this.streetNames = new StreetNames(this.map, streetChains(), () => [], (view) => this.lineTags(view));
    this.streetNames.ink.addTo(this.map);
  }

  label({ name, g, l }) {
    const { make, named, unpackArea, unpackPoint } = this.kit;
    const icon = L.divIcon({ className: "district-name", iconSize: null, html: make("span", {}, named(name)) });
    return L.marker(unpackPoint(l), { icon, interactive: false, keyboard: false, zIndexOffset: -1000, shape: unpackArea(g) }).addTo(this.map);
  }

  area(area, i) {
    const { AREA, unpackArea } = this.kit;
    const drawn = L.polygon(unpackArea(area.g), { ...AREA, renderer: this.ink, pane: "cells", opacity: 0, fillOpacity: 0 }).addTo(this.map);
    drawn.on("click", ({ latlng }) => (this.isPlacing ? null : L.popup({ maxWidth: 300 }).setLatLng(latlng).setContent(this.areaCard(i)).openOn(this.map)));
    return drawn.bindTooltip(() => this.areaText(i), { sticky: true });
  }

  areaText(i) {
    const band = this.values && this.bandOf(this.values[i]);
    return el("div", {}, el("strong", {}, band ? band.label : "no figures"), el("br"), this.districtOf(i) ? [this.districtOf(i), el("br")] : null, `${this.study.areas[i].calls} past calls`);
  }

  // An area's figures under the shown plan and what it is held against, as the map's card has them
  areaCard(i) {
    const { plans, rows } = this.act.factsOf(i);
    return el("div", { class: "area-card" }, el("strong", {}, this.districtOf(i) || "This area"), el("p", { class: "small" }, `${this.study.areas[i].calls} past calls`),
      plans.length ? el("table", {}, el("thead", {}, el("tr", {}, el("td"), plans.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, rows.map(([title, ...values]) => el("tr", {}, el("th", { scope: "row" }, title), values.map((value) => el("td", {}, value)))))) : null);
  }

  // The district that an area's middle lies in
  districtOf(i) {
    const [lat, lng] = this.kit.unpackPoint(this.study.areas[i].l);
    const inside = this.study.districts.find((_, k) => this.kit.holds(this.labels[k].options.shape, { lat, lng }));
    return inside ? inside.name : "";
  }

  // Districts' names choose their places first, clear of the posts' signs; streets' names take what is left.
  names() {
    this.kit.spread(this.map, this.labels, [...this.map.getPane("markerPane").querySelectorAll(".crew, .dot")]);
    this.streetNames.ink._redraw();
  }

  bandOf(value) {
    if (!isNumber(value)) return this.absent();
    return this.scale.bands.find((band) => band.below === null || value < band.below) || null;
  }

  // Of a change, a figure that is missing does not tell which of the two has none.
  absent() {
    return (!this.scale.gained && this.scale.missing) || null;
  }

  paint(values, scale) {
    const { AREA } = this.kit;
    this.values = values;
    this.scale = scale;
    this.areas.forEach((area, i) => {
      const band = values && scale ? this.bandOf(values[i]) : null;
      area.setStyle(band ? { ...AREA, fillColor: band.color, hatched: band.hatch } : { opacity: 0, fillOpacity: 0, hatched: "" });
    });
    this.legend();
  }

  legend() {
    const bands = this.values && this.scale ? [...this.scale.bands, ...(this.absent() && !this.values.every(isNumber) ? [this.absent()] : [])] : [];
    const { types, clock } = this.study, { groundLegend, sign, swatch } = this.kit;
    document.getElementById("legend").replaceChildren(
      bands.length ? el("h3", {}, this.scale.title) : "",
      el("ul", {}, bands.map((band) => el("li", {}, swatch(band.color, band.hatch), band.label))),
      el("ul", { class: "signs" }, types.map((type) => el("li", {}, sign(type, 20), type.title)),
        el("li", {}, el("span", { class: "badge" }, "2"), "number of responders, if more than one"),
        el("li", {}, el("span", { class: "dot" }), "candidate post, not used"),
        groundLegend()),
      el("p", { class: "small" }, bands.length ? `Colors are by replay, as on the map. Response runs ${clock}.` : `Response runs ${clock}.`));
  }

  marker(post) {
    const marker = L.marker([post.lat, post.lon], { draggable: true, autoPan: true, keyboard: false, icon: L.divIcon({ className: "post", iconSize: null }), riseOnHover: true });
    marker.bindTooltip(() => this.postText(post), { direction: "top", offset: [0, -8] });
    marker.on("drag", () => {
      const at = marker.getLatLng();
      this.act.dragging(post.id, at.lng, at.lat);
    });
    marker.on("dragend", () => {
      const at = marker.getLatLng();
      this.act.move(post.id, at.lng, at.lat);
    });
    marker.on("click", () => {
      marker.closeTooltip(); // its card says the same
      this.act.pick(post.id);
    });
    return marker.addTo(this.map);
  }

  addPost(post) {
    this.markers.set(post.id, this.marker(post));
  }

  removePost(id) {
    this.markers.get(id).remove();
    this.markers.delete(id);
  }

  middle() {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
  }

  postText(post) {
    const there = this.there.get(post.id) || [];
    const state = this.act.stateOf(post.id);
    const lines = there.map(([type, count]) => [el("br"), `${count} × ${this.titleOf(type)}`]);
    const said = { must: "must be used", not: "may not be used" }[state];
    return el("div", {}, el("strong", {}, post.name), el("br"), post.kind, lines, said ? [el("br"), said] : null, [el("br"), `alone: ${percent(post.reach)} of calls in time`]);
  }

  wordsAt(id) {
    return (this.there.get(id) || []).map(([type, count]) => `${count} × ${this.titleOf(type)}`).join(", ");
  }

  titleOf(type) {
    const found = this.study.types.find((t) => t.id === type);
    return found ? found.title : type;
  }

  place(bought, moved) {
    this.there = new Map();
    const { unit } = this.kit, sums = new Map();
    for (const [type, post, , count] of bought || []) {
      const key = JSON.stringify([post, type]);
      sums.set(key, (sums.get(key) || 0) + count);
    }
    for (const [key, count] of sums) {
      const [post, type] = JSON.parse(key);
      this.there.set(post, [...(this.there.get(post) || []), [type, count]]);
    }
    const standing = [];
    for (const post of this.study.posts) {
      const at = moved[post.id];
      const marker = this.markers.get(post.id);
      marker.setLatLng(at ? [at[1], at[0]] : [post.lat, post.lon]);
      const crews = this.crewsAt(post.id);
      const units = crews.map(([type, count]) => unit(type, count > 1 ? plain(count, 0) : ""));
      const pinned = { must: el("span", { class: "pinned must" }, "✓"), not: el("span", { class: "pinned not" }, "×") }[this.act.stateOf(post.id)];
      const face = el("div", { class: `face${crews.length ? "" : " empty"}${at ? " moved" : ""}` }, units.length ? el("div", { class: "crew" }, units) : el("span", { class: "dot" }), pinned);
      // crews of one building stand beneath each other: each can still be seen and dragged
      const where = marker.getLatLng();
      const beneath = crews.length ? standing.filter((other) => this.map.distance(other, where) < SAME_PLACE_M).length : 0;
      if (crews.length) standing.push(where);
      marker.setIcon(L.divIcon({ className: "post", iconSize: null, iconAnchor: [0, -30 * beneath], html: face }));
      marker.setZIndexOffset(crews.length ? 1000 : 0);
    }
    const stands = JSON.stringify([...sums.keys(), moved, this.study.posts.length]);
    if (stands !== this.stands) this.names();
    this.stands = stands;
  }

  // Who waits at a post: [type, count], in the order of the legend
  crewsAt(id) {
    const there = new Map(this.there.get(id) || []);
    return this.study.types.filter((type) => there.has(type.id)).map((type) => [type, there.get(type.id)]);
  }

  // The chosen post is ringed, and in view
  choose(id) {
    for (const [post, marker] of this.markers) {
      const face = marker.getElement() && marker.getElement().querySelector(".face");
      if (face) face.classList.toggle("chosen", post === id);
    }
    const at = id !== this.chosen && this.markers.get(id);
    this.chosen = id;
    if (!at) return;
    const { x, y } = this.map.latLngToContainerPoint(at.getLatLng()), size = this.map.getSize();
    if (x < 0 || x > size.x || y < 0 || y > size.y) this.map.panTo(at.getLatLng(), { animate: false });
  }

  // The page's node that a post is at: the study's own are told, others stand at one
  nodeOf(post, moved) {
    if (!moved && isNumber(post.node)) return post.node;
    const { x, y, nodes } = this.kit.roadGraph(), [px, py] = this.kit.toLocal(this.markers.get(post.id).getLatLng());
    let best = 0, least = Infinity;
    for (let i = 0; i < nodes; i += 1) {
      const away = Math.hypot(x[i] - px, y[i] - py);
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  // Lines of minutes around the chosen post, for who waits there or, where nobody does, who may; says who is meant, "" where there are none.
  reach(post, { moved, speed, standard, scale }) {
    const { travel } = this.study, { ReachInk, REACH_LINE, SurfaceInk, reachLevels, roadGraph } = this.kit;
    const isThere = new Map(post ? this.there.get(post.id) || [] : []);
    const kinds = !post || !travel ? [] : this.study.types.flatMap(({ id }, k) => (travel.kinds[k] && (isThere.size ? isThere.has(id) : post.types.includes(id)) ? [k] : []));
    const key = kinds.length ? JSON.stringify([post.id, kinds, moved || [post.lon, post.lat], speed, standard]) : "";
    if (key !== this.reachKey) {
      this.reachKey = key;
      if (key) {
        Object.assign(this.content, { target: standard, views: [{ key: "surface", scale }], travel: { ...travel, factors: travel.factors.map((factor) => factor * speed) } });
        this.lines ||= new ReachInk(new SurfaceInk(roadGraph()));
        this.lines.set({ node: this.nodeOf(post, moved), kinds, period: WHOLE_WEEK });
        if (this.map.hasLayer(this.lines.ink)) this.lines.ink._redraw();
        else this.lines.ink.addTo(this.map);
      } else if (this.lines) this.lines.ink.remove();
      this.tagColor = REACH_LINE.color;
      this.streetNames.ink._redraw();
    }
    if (!key) return "";
    const minutes = reachLevels().map((level) => plain(level)), last = minutes.pop();
    return `Lines on the map: ${minutes.length ? `${minutes.join(", ")} and ` : ""}${last} minutes from a call’s start until one from here arrives, if free: ${kinds.map((k) => this.study.types[k].title).join(" or ")}.`;
  }

  lineTags(view) {
    if (!this.lines || !this.map.hasLayer(this.lines.ink)) return [];
    return this.lines.lines.map((line) => [`${plain(line.level)} min`, this.kit.spotsOn(line, view), this.tagColor]);
  }

  // The next click on the map is a place, for hands that cannot drag
  onceClicked(done) {
    this.map.getContainer().classList.add("placing");
    this.isPlacing = true;
    this.map.once("click", (event) => {
      this.map.getContainer().classList.remove("placing");
      this.isPlacing = false;
      done(event.latlng.lng, event.latlng.lat);
    });
  }
}
