// Times along streets spread over the ground beside them, on a grid of squares.
const SQUARE_M = 45;
const MOST_SQUARES = 600000; // of a large region: larger squares
const REACH_M = 240; // ground farther from any street has no time
const ON_FOOT_MPS = 4.5; // how times grow off the street, between one and the next: it decides which of them a square goes by, and little else
const SOFTENED = 3; // passes that take off the squares' stairs

class Surface {
  constructor(graph) {
    const spans = [graph.x, graph.y].map((values) => values.reduce(([least, most], v) => [Math.min(least, v), Math.max(most, v)], [Infinity, -Infinity]));
    const area = spans.reduce((product, [least, most]) => product * ((most - least) * METERS_A_STEP + 2 * REACH_M), 1);
    this.squareM = Math.max(SQUARE_M, Math.sqrt(area / MOST_SQUARES));
    this.square = this.squareM / METERS_A_STEP;
    const margin = Math.ceil(REACH_M / this.squareM) + 2;
    [this.west, this.north] = spans.map(([least]) => least - margin * this.square);
    [this.width, this.height] = spans.map(([least, most]) => Math.ceil((most - least) / this.square) + 2 * margin);
    this.samples = this.samplesOf(graph);
    const away = this.grid();
    for (const at of this.samples.at) away[at] = 0;
    this.sweep(away, this.squareM);
    this.inside = away.map((meters) => Math.max(-1, Math.min(1, (REACH_M - meters) / this.squareM))); // above 0: near a street
  }

  grid() {
    return new Float32Array(this.width * this.height).fill(1e6);
  }

  // Places along every segment, closer than a square: { at: square, segment, part of the way }.
  samplesOf({ count, begin, corners }) {
    const at = [], segment = [], part = [];
    for (let s = 0; s < count; s += 1) {
      const lengths = [];
      for (let i = begin[s] + 1; i < begin[s + 1]; i += 1) lengths.push(Math.hypot(corners[2 * i] - corners[2 * i - 2], corners[2 * i + 1] - corners[2 * i - 1]));
      const whole = lengths.reduce((sum, length) => sum + length, 0);
      let run = 0;
      lengths.forEach((length, k) => {
        const i = begin[s] + k, x = corners[2 * i], y = corners[2 * i + 1], steps = Math.max(1, Math.ceil(length / (0.7 * this.square)));
        for (let j = 0; j <= steps; j += 1) {
          const way = j / steps, column = Math.round((x + way * (corners[2 * i + 2] - x) - this.west) / this.square), row = Math.round((y + way * (corners[2 * i + 3] - y) - this.north) / this.square);
          at.push(row * this.width + column);
          segment.push(s);
          part.push(whole ? (run + way * length) / whole : 0);
        }
        run += length;
      });
    }
    return { at: Int32Array.from(at), segment: Int32Array.from(segment), part: Float32Array.from(part) };
  }

  // Let values grow by so much from square to square, where that is less than what stands there: two sweeps over the grid.
  sweep(values, step) {
    const { width, height } = this, aslant = step * Math.SQRT2;
    const pass = (first, last, way) => {
      for (let row = first; row !== last; row += way) {
        for (let column = way > 0 ? 1 : width - 2, i = row * width + column; column > 0 && column < width - 1; column += way, i += way) {
          const before = i - way * width, best = Math.min(values[i - way] + step, values[before] + step, values[before - 1] + aslant, values[before + 1] + aslant);
          if (best < values[i]) values[i] = best;
        }
      }
    };
    pass(1, height, 1);
    pass(height - 2, -1, -1);
  }

  // Seconds by square, from seconds at the samples.
  spread(seconds) {
    const { width, height, samples } = this, out = this.grid(), row = new Float32Array(out.length);
    samples.at.forEach((at, i) => {
      if (seconds[i] < out[at]) out[at] = seconds[i];
    });
    this.sweep(out, this.squareM / ON_FOOT_MPS);
    for (let pass = 0; pass < SOFTENED; pass += 1) {
      for (let i = 1; i < out.length - 1; i += 1) row[i] = (out[i - 1] + 2 * out[i] + out[i + 1]) / 4;
      for (let i = width; i < out.length - width; i += 1) out[i] = (row[i - width] + 2 * row[i] + row[i + width]) / 4;
    }
    return out;
  }

  // Where values cross a level, as pairs of ends [x, y, x, y] in local coordinates, near streets alone: marching squares.
  line(values, level) {
    const { width, height, west, north, square, inside } = this, out = [];
    for (let row = 1; row < height - 2; row += 1) {
      for (let column = 1, i = row * width + 1; column < width - 2; column += 1, i += 1) {
        if (inside[i] <= 0) continue;
        const corner = [values[i] - level, values[i + 1] - level, values[i + width + 1] - level, values[i + width] - level];
        if (corner.every((v) => v < 0) || corner.every((v) => v >= 0)) continue;
        const crossings = [];
        [[0, 0, 1, 0], [1, 0, 0, 1], [1, 1, -1, 0], [0, 1, 0, -1]].forEach(([x, y, dx, dy], k) => {
          const a = corner[k], b = corner[(k + 1) % 4];
          if (a < 0 !== b < 0) crossings.push([west + (column + x + (dx * a) / (a - b)) * square, north + (row + y + (dy * a) / (a - b)) * square]);
        });
        for (let k = 0; k + 1 < crossings.length; k += 2) out.push([...crossings[k], ...crossings[k + 1]]);
      }
    }
    return out;
  }
}
