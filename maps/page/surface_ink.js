// A surface of times on canvas: whole classes with their hatch beneath the streets, the standard's line above them.
const LINE = { color: "#1d2833", width: 2.8, halo: "rgba(255,255,255,.92)", haloWidth: 5.6 };
const MOST_DOTS = 4e6; // a canvas of more is painted at half the sharpness

const rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
const packed = ([red, green, blue], alpha = 255) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const HATCHED = { "": null, lines: [9, 1.6], dense: [6, 2], cross: [6, 1.5] }; // pixels from line to line, and of a line

const DARKER = [0.86, 0.7, 0.4]; // of a hatch's lines, by red, green and blue: a deeper orange

// Classes ready to be painted: what is below which value, in which color, hatched how.
const paintsOf = (bands) => bands.map(({ below, color, hatch: kind }) => ({ below: below === null ? Infinity : below, fill: packed(rgb(color)), line: packed(rgb(color).map((part, i) => Math.round(DARKER[i] * part))), lines: HATCHED[kind] }));

function between(a, b, share) {
  const channel = (shift) => Math.round(((a >>> shift) & 255) * (1 - share) + ((b >>> shift) & 255) * share) << shift;
  return (channel(24) | channel(16) | channel(8) | channel(0)) >>> 0;
}

// Paint the squares' values, in the unit of the classes, dot by dot; a soft edge of a dot between classes.
function pictureOf(surface, values, bands, view, dots) {
  const canvas = document.createElement("canvas"), paints = paintsOf(bands), { width: columns, height: rows, inside } = surface;
  canvas.width = Math.ceil(view.width * dots);
  canvas.height = Math.ceil(view.height * dots);
  const image = new ImageData(canvas.width, canvas.height), out = new Uint32Array(image.data.buffer);
  const [a, b, c, d, e, f] = view.matrix.map((one) => one * dots), whole = (a * d - b * c) * surface.square;
  const [alongX, alongY, downX, downY] = [d / whole, -b / whole, -c / whole, a / whole], dot = Math.hypot(alongX, alongY);
  const left = (c * f - d * e) / whole - surface.west / surface.square, top = (b * e - a * f) / whole - surface.north / surface.square;
  const turnX = Math.round(view.corner.x * dots), turnY = Math.round(view.corner.y * dots); // hatches lie still on the map
  const cuts = paints.map(({ below }) => below);
  for (let y = 0; y < canvas.height; y += 1) {
    let u = left + downX * y, v = top + downY * y;
    for (let x = 0, o = y * canvas.width; x < canvas.width; x += 1, u += alongX, v += alongY, o += 1) {
      if (!(u >= 1 && v >= 1 && u < columns - 2 && v < rows - 2)) continue;
      const i = u | 0, j = v | 0, p = u - i, q = v - j, n = j * columns + i;
      const near = (inside[n] * (1 - p) + inside[n + 1] * p) * (1 - q) + (inside[n + columns] * (1 - p) + inside[n + columns + 1] * p) * q;
      if (near <= 0) continue;
      const upper = values[n] + p * (values[n + 1] - values[n]), lower = values[n + columns] + p * (values[n + columns + 1] - values[n + columns]), value = upper + q * (lower - upper);
      let k = 0;
      while (value >= cuts[k]) k += 1;
      const steep = (Math.abs((values[n + 1] - values[n]) * (1 - q) + (values[n + columns + 1] - values[n + columns]) * q) + Math.abs(lower - upper)) * dot * 0.8 + 1e-9;
      const { fill, line, lines } = paints[k];
      let color = fill;
      if (lines && (((x + turnX + y + turnY) % (lines[0] * dots)) + lines[0] * dots) % (lines[0] * dots) < lines[1] * dots) color = line;
      if (cuts[k] - value < steep) color = between(color, paints[k + 1].fill, 0.5 - (cuts[k] - value) / steep / 2);
      else if (k && value - cuts[k - 1] < steep) color = between(color, paints[k - 1].fill, 0.5 - (value - cuts[k - 1]) / steep / 2);
      out[o] = near < 0.25 ? ((color & 0xffffff) | (Math.round(1020 * near) << 24)) >>> 0 : color;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The line of a level, as ends of its pieces and as a path.
function lineOf(surface, values, level) {
  const ends = surface.line(values, level), path = new Path2D();
  for (const [x, y, toX, toY] of ends) {
    path.moveTo(x, y);
    path.lineTo(toX, toY);
  }
  return { level, ends, path };
}

// Places on the canvas that a line goes through, in an order that does not change as the map is moved.
function spotsOn({ ends }, { matrix: [a, b, c, d, e, f] }) {
  const far = 7919; // a prime: neighbors in the list do not follow each other
  return ends.length < 12 ? [] : ends.map((_, i) => ends[(i * far) % ends.length]).map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]);
}

// Shown of a state: { values in minutes, bands, lines: [{ ends, isOfToday }] }; of a change today's line, paler, and the plan's.
class SurfaceInk {
  constructor(graph) {
    this.response = new Response(graph);
    this.surface = new Surface(graph);
    this.fields = new Map();
    this.land = pathOf(content.land);
    this.apart = pathOf([...content.parks, ...content.water]);
    this.shown = null;
    this.ink = new Ink("cells", (pen, view) => this.paint(pen, view));
    this.lineInk = new Ink("lines", (pen, view) => this.paintLines(pen, view));
  }

  minutes(states) {
    return this.surface.spread(this.response.secondsAt(this.surface.samples, states)).map((seconds) => seconds / 60);
  }

  // Minutes by square, and the standard's line.
  field(name, period, beside = name) {
    const key = `${name}/${beside}@${period}`;
    if (!this.fields.has(key)) {
      const values = this.minutes(this.response.statesOf(name, period, beside));
      this.fields.set(key, { values, line: lineOf(this.surface, values, content.target) });
    }
    return this.fields.get(key);
  }

  set({ view, mode, period }) {
    if (mode === "change") {
      const plan = this.field("plan", period, "today"), today = this.field("today", period, "plan");
      this.shown = { values: plan.values.map((value, i) => value - today.values[i]), bands: view.change.bands, lines: [{ ...today.line, isOfToday: true }, plan.line] };
    } else {
      const { values, line } = this.field(mode, period);
      this.shown = { values, bands: view.scale.bands, lines: [line] };
    }
  }

  paint(pen, view) {
    const dots = view.width * view.height * view.dots ** 2 > MOST_DOTS ? 1 : view.dots;
    view.toWorld(pen);
    pen.save();
    pen.clip(this.land, "evenodd");
    view.toScreen(pen);
    pen.drawImage(pictureOf(this.surface, this.shown.values, this.shown.bands, view, dots), 0, 0, Math.ceil(view.width * dots) / dots, Math.ceil(view.height * dots) / dots);
    view.toWorld(pen);
    pen.globalCompositeOperation = "destination-out"; // parks and water show through
    pen.fill(this.apart, "evenodd");
    pen.restore();
  }

  paintLines(pen, view) {
    view.toWorld(pen);
    pen.clip(this.land, "evenodd");
    pen.lineCap = "round";
    for (const { path, isOfToday } of this.shown.lines) {
      Object.assign(pen, { strokeStyle: LINE.halo, lineWidth: LINE.haloWidth / view.scale });
      pen.stroke(path);
      Object.assign(pen, { strokeStyle: isOfToday ? "#7a858f" : LINE.color, lineWidth: (isOfToday ? 2 : LINE.width) / view.scale });
      pen.stroke(path);
    }
  }
}
