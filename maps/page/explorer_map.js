// The map: areas by response time, posts with their crews.
class City {
  constructor(map) {
    this.map = map;
    map.attributionControl.setPrefix(false);
    for (const [name, level] of Object.entries({ parks: 340, cells: 350, water: 355, roads: 360 })) map.createPane(name).style.zIndex = level;
    for (const name of ["parks", "water", "roads"]) map.getPane(name).style.pointerEvents = "none";
    map.addControl((map.north = new North()));
    this.fit(); // before anything is drawn, so that nothing is drawn twice
    this.ink = new HatchCanvas({ pane: "cells", padding: 0.2 });
    this.roadInk = L.canvas({ pane: "roads", padding: 0.2 });
    // water lies above the areas, which end at it
    this.ground = { parks: L.canvas({ pane: "parks", padding: 0.2 }), water: L.canvas({ pane: "water", padding: 0.2 }) };
    drawGround(map, this.ground);
    this.cells = content.cells.map((g) => L.polygon(unpackArea(g), { ...AREA, renderer: this.ink, pane: "cells", interactive: true }).addTo(map));
    this.cells.forEach((cell, i) => cell.bindTooltip(() => this.words(i), { sticky: true }));
    for (const [rank, lines] of Object.entries(content.roads)) {
      if (lines.length) new Streets(lines, { ...STREET[rank], renderer: this.roadInk, pane: "roads" }).addTo(map);
    }
    this.posts = L.layerGroup().addTo(map);
  }

  // A long city lies along the window; the legend, where it floats, beside or beneath the city: whichever leaves the city larger.
  fit() {
    const { map } = this, legend = document.querySelector(".legend"), floats = getComputedStyle(legend).position === "absolute" && !document.body.classList.contains("printing");
    map.invalidateSize({ animate: false });
    const before = L.point(floats ? 52 : 16, 16), margins = floats ? [L.point(legend.offsetWidth + 24, 34), L.point(16, legend.offsetHeight + 42)] : [L.point(16, 34)];
    const [best] = margins.map((after) => {
      const turn = bestTurn(map, before, after);
      return { turn, ...framing(map, turnedSystem(turn), cityHull, before, after) };
    }).sort((a, b) => b.fits - a.fits);
    turnTo(map, best.turn, best);
  }

  toPaper() {
    this.fit();
    layOnPaper(this.map, "cells", [this.ground.parks, this.ink, this.ground.water, this.roadInk]);
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
  }
}
