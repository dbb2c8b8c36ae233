// The film on the map, above all others: a canvas of what is over, which changes a few times a minute, and one of all that moves, drawn
// anew with each frame.
const FILM_COLORS = { waits: "#b3400a", good: "#0a5a9c", late: "#b3400a", police: "#2b3640", ring: "#16202b", halo: "rgba(255,255,255,.95)" };
const OVER_STATES = ["good", "late", "left"];
const POST_COLOR = "rgba(22,32,43,.55)";

// The marks of calls, as on the map and in its key.
class FilmMarks {
  constructor() {
    this.now = 0;
  }

  // A call that is over leaves a small mark for the rest of the day.
  over(pen, [x, y], stands) {
    if (!OVER_STATES.includes(stands)) return;
    pen.beginPath();
    if (stands === "left") pen.rect(x - 3, y - 3, 6, 6);
    else pen.arc(x, y, 3.4, 0, 2 * Math.PI);
    pen.lineWidth = 1.6;
    pen.fillStyle = stands === "late" ? "#ffffff" : stands === "good" ? FILM_COLORS.good : FILM_COLORS.police;
    pen.strokeStyle = stands === "late" ? FILM_COLORS.late : "#ffffff";
    pen.fill();
    pen.stroke();
  }

  // A call that waits: a clock that fills as the standard runs out. One that police handle: a P in a square.
  open(pen, [x, y], stands, call, around = 16) {
    if (stands === "police") {
      pen.fillStyle = FILM_COLORS.police;
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.roundRect(x - 9, y - 9, 18, 18, 3);
      pen.fill();
      pen.stroke();
      this.letter(pen, "P", x, y, "#ffffff");
      return;
    }
    if (stands !== "waits" && stands !== "scene") return;
    const isWaiting = stands === "waits", used = (this.now - call.received) / 60 / content.target;
    pen.beginPath();
    pen.arc(x, y, isWaiting ? 9 : around, 0, 2 * Math.PI);
    pen.fillStyle = isWaiting ? "#ffffff" : "rgba(255,255,255,.75)";
    pen.fill();
    if (isWaiting) {
      pen.beginPath();
      pen.moveTo(x, y);
      pen.arc(x, y, 9, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, used));
      pen.closePath();
      pen.fillStyle = used < 1 ? "#f0a35e" : FILM_COLORS.waits;
      pen.fill();
      pen.beginPath();
      pen.arc(x, y, 9, 0, 2 * Math.PI);
    }
    pen.lineWidth = isWaiting ? 2.4 : 2;
    pen.strokeStyle = isWaiting ? FILM_COLORS.waits : FILM_COLORS.ring;
    pen.stroke();
    if (used >= 1 && isWaiting) this.letter(pen, "!", x, y, "#ffffff");
  }

  letter(pen, text, x, y, color, px = 12) {
    pen.font = `700 ${px}px ${TYPEFACE}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = color;
    pen.fillText(text, x, y + 0.5);
  }
}

class FilmInk extends FilmMarks {
  constructor(map, day) {
    super();
    this.day = day;
    map.createPane("film").style.zIndex = 640;
    map.getPane("film").style.pointerEvents = "none";
    this.settled = new Ink("film", (pen, view) => this.paintSettled(pen, view));
    this.ink = new Ink("film", (pen, view) => this.paint(pen, view));
    // drawn anew so often, they need hardly any margin, and cost by their size
    for (const ink of [this.settled, this.ink]) ink.options.padding = 0.05;
  }

  show(map, on) {
    for (const ink of [this.settled, this.ink]) {
      if (on) ink.addTo(map);
      else ink.remove();
    }
  }

  // Draw a moment. Calls that are over stay so: how many there are tells whether there are others.
  redraw(now) {
    this.now = now;
    if (!this.ink._map) return;
    const over = this.day.calls.reduce((sum, call) => sum + this.isOver(call), 0);
    if (over !== this.countOver || this.day !== this.dayOver) {
      [this.countOver, this.dayOver] = [over, this.day];
      this.settled._redraw();
    }
    this.ink._redraw();
  }

  isOver(call) {
    return OVER_STATES.includes(this.day.callAt(call, this.now));
  }

  paintSettled(pen, { matrix: [a, b, c, d, e, f] }) {
    for (const call of this.day.calls) this.over(pen, [a * call.place.x + c * call.place.y + e, b * call.place.x + d * call.place.y + f], this.day.callAt(call, this.now));
  }

  paint(pen, view) {
    const [a, b, c, d, e, f] = view.matrix, { day, now } = this;
    const screen = ({ x, y }) => [a * x + c * y + e, b * x + d * y + f];
    const units = day.units.map((unit) => [unit, day.unitAt(unit, now)]);
    pen.lineJoin = "round";
    pen.lineCap = "round";
    for (const [unit, state] of units) if (state.way) this.line(pen, screen, state, content.glyphs[unit.kind].color);
    for (const call of day.calls) this.open(pen, screen(call.place), day.callAt(call, now), call);
    for (const post of day.homes) this.post(pen, screen(post));
    for (const [unit, state] of units) this.unit(pen, screen(state.at), unit, state);
  }

  // The way that is driven: what lies behind is thin.
  line(pen, screen, { way, at, doing }, color) {
    const corners = (from, to) => {
      pen.beginPath();
      for (let i = from; i < to; i += 1) pen.lineTo(...screen({ x: way.x[i], y: way.y[i] }));
    };
    pen.setLineDash(doing === "returns" ? [2, 5] : []);
    pen.beginPath();
    pen.moveTo(...screen(at));
    for (let i = at.corner + 1; i < way.x.length; i += 1) pen.lineTo(...screen({ x: way.x[i], y: way.y[i] }));
    Object.assign(pen, { strokeStyle: FILM_COLORS.halo, lineWidth: doing === "returns" ? 4 : 6 });
    pen.stroke();
    Object.assign(pen, { strokeStyle: color, lineWidth: doing === "returns" ? 2 : 3.2 });
    pen.stroke();
    pen.setLineDash([]);
    if (doing === "returns") return;
    corners(0, at.corner + 1);
    pen.lineTo(...screen(at));
    Object.assign(pen, { strokeStyle: color, lineWidth: 1.2, globalAlpha: 0.6 });
    pen.stroke();
    pen.globalAlpha = 1;
  }

  post(pen, [x, y]) {
    pen.beginPath();
    pen.rect(x - 4, y - 4, 8, 8);
    pen.fillStyle = "#ffffff";
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = POST_COLOR;
    pen.stroke();
  }

  // A unit's sign: small and hollow at its post, whole on a call; none off duty.
  unit(pen, [x, y], { kind, seat, isByPhone }, { doing }) {
    if (doing === "off") return;
    const glyph = content.glyphs[kind], isIdle = doing === "waits", size = isIdle ? 18 : 24;
    const aside = isIdle || (doing === "starts") || isByPhone ? [seat * 19, -15] : [0, 0];
    const shape = (this.outlines ||= Object.fromEntries(Object.entries(OUTLINES).map(([name, path]) => [name, new Path2D(path)])))[glyph.shape];
    pen.save();
    pen.translate(x + aside[0] - size / 2, y + aside[1] - size / 2);
    pen.scale(size / 24, size / 24);
    pen.fillStyle = isIdle || doing === "returns" ? "#ffffff" : glyph.color;
    pen.strokeStyle = isIdle || doing === "returns" ? glyph.color : "#ffffff";
    pen.lineWidth = 2.4;
    pen.fill(shape);
    pen.stroke(shape);
    pen.restore();
    this.letter(pen, glyph.letter, x + aside[0], y + aside[1] + (glyph.shape === "triangle" ? 2 : 0), isIdle || doing === "returns" ? glyph.color : "#ffffff", isIdle ? 10 : 13);
  }
}
