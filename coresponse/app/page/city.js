// The map: land and roads as ground, areas colored by a view, posts that can be dragged.
/* global L */
import { el, isNumber, percent, plain, swatch } from "./draw.js";

const SHAPES = ["square", "round", "tall", "square", "round", "tall"];

export class City {
  constructor(study, act) {
    this.study = study;
    this.act = act;
    this.map = L.map("map", { attributionControl: false, zoomSnap: 0.25, preferCanvas: true, scrollWheelZoom: true });
    this.map.fitBounds(study.bounds, { padding: [12, 12] });
    L.control.scale({ imperial: true }).addTo(this.map);
    for (const [name, order] of [["ground", 200], ["areas", 300], ["streets", 350]]) {
      this.map.createPane(name).style.zIndex = order;
      this.map.getPane(name).style.pointerEvents = name === "areas" ? "auto" : "none";
    }
    this.ground();
    this.areas = study.areas.map((area, i) => this.area(area, i));
    this.markers = new Map(study.posts.map((post) => [post.id, this.marker(post)]));
  }

  ground() {
    const { study } = this;
    const canvas = L.canvas({ pane: "ground" });
    L.polygon(study.land.map((part) => part.map((ring) => this.points(ring))), {
      renderer: canvas, pane: "ground", stroke: false, fillColor: "#f6f4ee", fillOpacity: 1, interactive: false,
    }).addTo(this.map);
    for (const [shapes, fillColor] of [[study.parks, "#dbe6cf"], [study.water, "#b9c9d6"]]) {
      L.polygon(shapes.map((part) => part.map((ring) => this.points(ring))), { renderer: canvas, pane: "ground", stroke: false, fillColor, fillOpacity: 1, interactive: false }).addTo(this.map);
    }
    const streets = L.canvas({ pane: "streets" });
    const pens = { minor: ["#8d98a5", 0.5, 0.45], middle: ["#6d7987", 0.9, 0.5], major: ["#4f5b69", 1.5, 0.55] };
    for (const [rank, [color, weight, opacity]] of Object.entries(pens)) {
      L.polyline((study.roads[rank] || []).map((line) => this.points(line)), { renderer: streets, pane: "streets", color, weight, opacity, interactive: false, smoothFactor: 1.5 }).addTo(this.map);
    }
    for (const part of study.district_lines) {
      L.polygon(part.map((p) => p.map((ring) => this.points(ring))), { renderer: streets, pane: "streets", color: "#1d2733", weight: 1, dashArray: "5 4", fill: false, interactive: false }).addTo(this.map);
    }
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
    const shape = area.g.map((part) => part.map((ring) => this.points(ring)));
    this.svg ||= L.svg({ pane: "areas" });
    const color = L.polygon(shape, { renderer: this.svg, pane: "areas", weight: 0.6, color: "#fff", opacity: 0.7, fillOpacity: 0, fillColor: "#fff" }).addTo(this.map);
    const hatch = L.polygon(shape, { renderer: this.svg, pane: "areas", stroke: false, fillOpacity: 0, interactive: false }).addTo(this.map);
    color.bindTooltip(() => this.areaText(i), { sticky: true });
    // hundreds of areas would be as many stops of the Tab key; the tables have their figures
    color.getElement().setAttribute("tabindex", "-1");
    return { color, hatch };
  }

  areaText(i) {
    const band = this.values && this.bandOf(this.values[i]);
    return el("div", {}, el("strong", {}, band ? band.label : "no figures"), el("br"), `${this.study.areas[i].calls} calls in the history`);
  }

  bandOf(value) {
    if (!isNumber(value)) return this.scale.missing || null;
    return this.scale.bands.find((band) => band.below === null || value < band.below) || null;
  }

  paint(values, scale) {
    this.values = values;
    this.scale = scale;
    this.areas.forEach(({ color, hatch }, i) => {
      const band = values && scale ? this.bandOf(values[i]) : null;
      color.setStyle({ fillColor: band ? band.color : "#ffffff", fillOpacity: band ? 0.82 : 0 });
      hatch.setStyle(band && band.hatch ? { fillColor: `url(#hatch-${band.hatch})`, fillOpacity: 0.45 } : { fillColor: "#fff", fillOpacity: 0 });
    });
    this.legend();
  }

  legend() {
    const box = document.getElementById("legend");
    if (!this.values || !this.scale) return box.replaceChildren();
    const used = [...this.scale.bands, ...(this.scale.missing ? [this.scale.missing] : [])];
    box.replaceChildren(el("strong", {}, this.scale.title), el("ul", {}, used.map((band) => el("li", {}, swatch(band), " ", band.label))),
      el("p", { class: "small" }, `Nearest responder free. Clock: ${this.study.clock}.`));
    return undefined;
  }

  marker(post) {
    const marker = L.marker([post.lat, post.lon], { draggable: true, autoPan: true, keyboard: false, icon: L.divIcon({ className: "post", iconSize: null }), riseOnHover: true });
    marker.bindTooltip(() => this.postText(post), { direction: "top", offset: [0, -8] });
    marker.on("dragend", () => {
      const at = marker.getLatLng();
      this.act.move(post.id, at.lng, at.lat);
    });
    marker.on("click", () => this.act.pick(post.id));
    return marker.addTo(this.map);
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
    for (const post of this.study.posts) {
      const at = moved[post.id];
      const marker = this.markers.get(post.id);
      marker.setLatLng(at ? [at[1], at[0]] : [post.lat, post.lon]);
      const crews = this.there.get(post.id) || [];
      const glyphs = crews.map(([type, count]) => el("span", { class: `glyph ${SHAPES[this.study.types.findIndex((t) => t.id === type) % SHAPES.length]}` }, plain(count, 0)));
      const state = this.act.stateOf(post.id);
      const sign = { must: el("span", { class: "sign must" }, "✓"), not: el("span", { class: "sign not" }, "×") }[state];
      const face = el("div", { class: `face${crews.length ? "" : " empty"}${at ? " moved" : ""}` }, glyphs.length ? glyphs : el("span", { class: "dot" }), sign);
      marker.setIcon(L.divIcon({ className: "post", iconSize: null, html: face }));
      marker.setZIndexOffset(crews.length ? 1000 : 0);
    }
  }

  // The chosen post is ringed, and in view
  choose(id) {
    for (const [post, marker] of this.markers) {
      const face = marker.getElement() && marker.getElement().querySelector(".face");
      if (face) face.classList.toggle("chosen", post === id);
    }
    const at = this.markers.get(id);
    if (at && !this.map.getBounds().contains(at.getLatLng())) this.map.panTo(at.getLatLng(), { animate: false });
  }

  // The next click on the map is a place, for hands that cannot drag
  onceClicked(done) {
    this.map.getContainer().classList.add("placing");
    this.map.once("click", (event) => {
      this.map.getContainer().classList.remove("placing");
      done(event.latlng.lng, event.latlng.lat);
    });
  }

  crews() {
    return this.study.types.map((type, i) => el("span", { class: "crew" }, el("span", { class: `glyph ${SHAPES[i % SHAPES.length]}` }, "n"), ` ${type.title}`));
  }
}
