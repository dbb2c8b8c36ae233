// The map: areas by response time, posts with their crews.
class City {
  constructor(map) {
    this.map = map;
    map.attributionControl.setPrefix(false);
    for (const [name, level] of Object.entries({ parks: 340, cells: 350, water: 355, roads: 360, words: 380 })) map.createPane(name).style.zIndex = level;
    for (const name of ["parks", "water", "roads", "words"]) map.getPane(name).style.pointerEvents = "none";
    map.addControl((map.north = new North()));
    this.fit(); // before anything is drawn, so that nothing is drawn twice
    this.ink = new HatchCanvas({ pane: "cells", padding: MARGIN });
    this.roadInk = L.canvas({ pane: "roads", padding: MARGIN });
    // water lies above the areas, which end at it
    this.ground = { parks: L.canvas({ pane: "parks", padding: MARGIN }), water: L.canvas({ pane: "water", padding: MARGIN }) };
    drawGround(map, this.ground);
    this.cells = content.cells.map((g) => L.polygon(unpackArea(g), { ...AREA, renderer: this.ink, pane: "cells", interactive: true }).addTo(map));
    this.cells.forEach((cell, i) => cell.bindTooltip(() => this.words(i), { sticky: true }));
    for (const [rank, lines] of Object.entries(content.roads)) {
      if (lines.length) new Streets(lines, { ...STREET[rank], renderer: this.roadInk, pane: "roads" }).addTo(map);
    }
    railLines(this.roadInk).addTo(map);
    this.posts = L.layerGroup().addTo(map);
    this.names = new StreetNames(map, [], () => [], () => []);
    this.names.ink.addTo(map);
    map.on("zoomend fitted", () => this.names.ink._redraw());
  }

  // A long city lies along the window; the legend, where it floats, beside the city or as a strip beneath: whichever leaves the city larger.
  fit() {
    const { map } = this, legend = document.querySelector(".legend"), { classList } = legend.parentElement;
    const framed = (isStrip, before, after) => {
      classList.toggle("strip", isStrip);
      map.invalidateSize({ animate: false });
      const turn = bestTurn(map, before, after);
      return { turn, ...framing(map, turnedSystem(turn), cityHull, before, after) };
    };
    classList.remove("strip");
    const floats = getComputedStyle(legend).position === "absolute" && !document.body.classList.contains("printing");
    const beside = framed(false, L.point(floats ? 52 : 16, 16), L.point(floats ? legend.offsetWidth + 24 : 16, 34));
    let best = beside;
    if (floats) {
      const above = framed(true, L.point(52, 16), L.point(16, 34));
      if (above.fits > beside.fits) best = above;
      else framed(false, L.point(52, 16), L.point(legend.offsetWidth + 24, 34));
    }
    turnTo(map, best.turn, best);
  }

  toPaper() {
    this.fit();
    layOnPaper(this.map, "cells", [this.ground.parks, this.ink, this.ground.water, this.roadInk, this.names.ink]);
  }

  fromPaper() {
    takeOffPaper(this.map);
    this.fit();
  }

  // The posts with their crews, posts of one building together: they share a sign, as on the map.
  standing(point) {
    const crews = new Map();
    for (const [post, kind, count] of point ? point.crew : []) crews.set(post, [...(crews.get(post) || []), [kind, count, [], count]]);
    return byPlace([...crews].map(([post, now]) => ({ ...content.posts[post], crew: { now } })), this.map);
  }

  // An area's figure, said as the legend says it
  words(i) {
    const tenths = this.point ? this.point.v[i] : content.never;
    const band = bandOf(content.scale, tenths === content.never ? null : tenths / 10);
    const said = tenths === content.never ? band.label : `${number(tenths / 10, 1)} min`;
    return make("div", {}, make("strong", {}, said), make("br"), document.querySelector(".legend h2").textContent);
  }

  show(point) {
    this.point = point;
    this.cells.forEach((cell, i) => {
      const tenths = point ? point.v[i] : content.never;
      const band = bandOf(content.scale, tenths === content.never ? null : tenths / 10);
      cell.setStyle({ fillColor: band.color, hatched: band.hatch });
    });
    this.posts.clearLayers();
    for (const posts of this.standing(point)) {
      const facts = () => make("div", { class: "card" }, ...posts.flatMap((post) => [make("h3", {}, named(post.name)), make("p", {}, named(crewWords(post, "now").slice(post.name.length + 2)))]));
      L.marker(unpackPoint(posts[0].at), { icon: crewIcon(together(posts), "now"), riseOnHover: true }).bindPopup(facts).addTo(this.posts);
    }
    this.names.ink._redraw(); // off the signs
  }
}
