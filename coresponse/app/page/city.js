// The map: land and roads as ground, areas colored by a view, posts that can be dragged.
/* global L */
import { el, isNumber, percent, plain } from "./draw.js";
import { HatchCanvas } from "./hatch.js";
import { AREA, BORDER, GROUND, LAND, STREET, sign, swatch, unit } from "./looks.js";

const SAME_PLACE_M = 25;

function holds(rings, [lng, lat]) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [y, x] = ring[i], [toY, toX] = ring[j];
      if (y > lat !== toY > lat && lng < x + ((toX - x) * (lat - y)) / (toY - y)) inside = !inside;
    }
  }
  return inside;
}

export class City {
  constructor(study, act) {
    this.study = study;
    this.act = act;
    this.map = L.map("map", { attributionControl: false, zoomSnap: 0.25, preferCanvas: true, scrollWheelZoom: true });
    this.fit();
    // a city that is seen whole stays so when the window changes
    let isWhole = true;
    this.map.on("zoomend dragend", () => { isWhole = this.map.getBounds().contains(L.latLngBounds(study.bounds)); });
    this.map.on("resize", () => (isWhole ? this.fit() : null));
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
    L.control.scale({ imperial: true }).addTo(this.map);
    for (const [name, order] of [["ground", 200], ["areas", 300], ["streets", 350]]) {
      this.map.createPane(name).style.zIndex = order;
      this.map.getPane(name).style.pointerEvents = name === "areas" ? "auto" : "none";
    }
    this.ground();
    this.ink = new HatchCanvas({ pane: "areas", padding: 0.2 });
    this.areas = study.areas.map((area, i) => this.area(area, i));
    this.districts = study.district_lines.map((part, i) => this.district(part, study.districts[i])).sort((a, b) => b.size - a.size);
    this.map.on("zoomend", () => this.names());
    this.names();
    this.markers = new Map(study.posts.map((post) => [post.id, this.marker(post)]));
  }

  fit() {
    this.map.fitBounds(this.study.bounds, { padding: [12, 12], animate: false });
  }

  ground() {
    const { study } = this;
    const canvas = L.canvas({ pane: "ground" });
    L.polygon(this.shape(study.land), { ...LAND, renderer: canvas, pane: "ground", interactive: false }).addTo(this.map);
    for (const [key, fillColor] of GROUND) {
      L.polygon(this.shape(study[key]), { renderer: canvas, pane: "ground", stroke: false, fillColor, fillOpacity: 1, interactive: false }).addTo(this.map);
    }
    const streets = L.canvas({ pane: "streets" });
    for (const [rank, pen] of Object.entries(STREET)) {
      L.polyline((study.roads[rank] || []).map((line) => this.points(line)), { ...pen, renderer: streets, pane: "streets", interactive: false, smoothFactor: 1.5 }).addTo(this.map);
    }
    for (const part of study.district_lines) {
      L.polygon(this.shape(part), { ...BORDER, renderer: streets, pane: "streets", interactive: false }).addTo(this.map);
    }
  }

  district(part, told) {
    const drawn = L.polygon(this.shape(part)), size = drawn.getBounds();
    const rings = this.shape(part).flat();
    const label = L.marker(size.getCenter(), { interactive: false, keyboard: false, zIndexOffset: -1000, icon: L.divIcon({ className: "district-name", iconSize: null, html: el("span", {}, told ? told.name : "") }) }).addTo(this.map);
    return { name: told ? told.name : "", rings, label, size: (size.getNorth() - size.getSouth()) * (size.getEast() - size.getWest()) };
  }

  shape(parts) {
    return parts.map((part) => part.map((ring) => this.points(ring)));
  }

  points(flat) {
    const { origin, step } = this.study;
    const out = [];
    let x = 0, y = 0;
    for (let i = 0; i + 1 < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      out.push([origin[1] + y * step, origin[0] + x * step]);
    }
    return out;
  }

  area(area, i) {
    const drawn = L.polygon(this.shape(area.g), { ...AREA, renderer: this.ink, pane: "areas", opacity: 0, fillOpacity: 0 }).addTo(this.map);
    return drawn.bindTooltip(() => this.areaText(i), { sticky: true });
  }

  areaText(i) {
    const band = this.values && this.bandOf(this.values[i]);
    return el("div", {}, el("strong", {}, band ? band.label : "no figures"), el("br"), this.districtOf(i), `${this.study.areas[i].calls} past calls`);
  }

  // The district that an area's middle lies in, by the even-odd rule
  districtOf(i) {
    const { at } = this.study.areas[i];
    const inside = this.districts.find(({ rings }) => holds(rings, at));
    return inside && inside.name ? [inside.name, el("br")] : null;
  }

  // Names of districts where there is room for them: the largest first, never on each other
  names() {
    const taken = [];
    for (const { label } of this.districts) {
      const node = label.getElement();
      node.hidden = false;
      const box = node.firstElementChild.getBoundingClientRect();
      const free = !taken.some((b) => box.left < b.right + 4 && box.right > b.left - 4 && box.top < b.bottom + 2 && box.bottom > b.top - 2);
      node.style.visibility = free ? "visible" : "hidden";
      if (free) taken.push(box);
    }
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
    const { types, clock } = this.study;
    document.getElementById("legend").replaceChildren(
      bands.length ? el("h3", {}, this.scale.title) : "",
      el("ul", {}, bands.map((band) => el("li", {}, swatch(band.color, band.hatch), band.label))),
      el("ul", { class: "signs" }, types.map((type) => el("li", {}, sign(type, 20), type.title)),
        el("li", {}, el("span", { class: "badge" }, "2"), "number of responders, if more than one"),
        el("li", {}, el("span", { class: "dot" }), "candidate post, not used"),
        GROUND.filter(([key]) => this.study[key].length).map(([, color, title]) => el("li", {}, swatch(color), title))),
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
    marker.on("click", () => this.act.pick(post.id));
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
    return el("div", {}, el("strong", {}, post.name), el("br"), post.kind, lines, said ? [el("br"), said] : null, [el("br"), `alone: ${percent(post.reach, 0)} of calls in time`]);
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
    const sums = new Map();
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
    const card = document.getElementById("post-card").offsetHeight; // it lies over the map's foot
    const y = this.map.latLngToContainerPoint(at.getLatLng()).y;
    if (this.map.getBounds().contains(at.getLatLng()) && y < this.map.getSize().y - card - 40) return;
    this.map.panTo(at.getLatLng(), { animate: false }).panBy([0, card / 2], { animate: false });
  }

  // The next click on the map is a place, for hands that cannot drag
  onceClicked(done) {
    this.map.getContainer().classList.add("placing");
    this.map.once("click", (event) => {
      this.map.getContainer().classList.remove("placing");
      done(event.latlng.lng, event.latlng.lat);
    });
  }
}
