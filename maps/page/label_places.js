// Where a name has room along a line of pixels, and what is taken already.
const TRY_PX = 70; // between two places that are tried
const TRY_AFAR_PX = 14; // and where a whole city, full of signs and districts' names, leaves gaps only
const MOST_TRIES = 60; // along one line
const SHARPEST = 0.42; // radians from one letter to the next

// Boxes { left, top, right, bottom } by squares of a coarse grid.
class Taken {
  constructor(boxes = []) {
    this.squares = new Map();
    boxes.forEach((box) => this.add(box));
  }

  *squaresOf({ left, top, right, bottom }) {
    for (let i = Math.floor(left / 32); i <= Math.floor(right / 32); i += 1) for (let j = Math.floor(top / 32); j <= Math.floor(bottom / 32); j += 1) yield `${i}:${j}`;
  }

  hits(box) {
    for (const key of this.squaresOf(box)) if ((this.squares.get(key) || []).some((b) => box.left < b.right && box.right > b.left && box.top < b.bottom && box.bottom > b.top)) return true;
    return false;
  }

  add(box) {
    for (const key of this.squaresOf(box)) {
      if (!this.squares.has(key)) this.squares.set(key, []);
      this.squares.get(key).push(box);
    }
  }
}

// A line of [x, y] with the way to each corner.
class Track {
  constructor(line) {
    this.line = line;
    this.run = [0];
    for (let i = 1; i < line.length; i += 1) this.run.push(this.run[i - 1] + Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
    this.length = this.run[this.run.length - 1];
  }

  // The corner that a way comes before, found by halves.
  next(way) {
    let low = 1, high = this.run.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.run[middle] < way) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(way) {
    const i = this.next(way), [x, y] = this.line[i - 1], [toX, toY] = this.line[i];
    const part = (way - this.run[i - 1]) / (this.run[i] - this.run[i - 1] || 1);
    return [x + part * (toX - x), y + part * (toY - y)];
  }

  // Whether no corner between two ways lies farther from the straight between them than this.
  isStraight(from, to, farthest) {
    const [x, y] = this.at(from), [toX, toY] = this.at(to), chord = Math.hypot(toX - x, toY - y);
    return this.line.slice(this.next(from), this.next(to)).every(([cx, cy]) => Math.abs((cx - x) * (toY - y) - (cy - y) * (toX - x)) <= farthest * chord);
  }
}

// The ways at which a name of this width is tried: from the middle outwards.
function waysToTry(length, width, apart = TRY_PX) {
  const spare = length - width, tries = Math.min(MOST_TRIES, Math.floor(spare / apart) + 1);
  if (tries === 1) return [spare / 2];
  const middle = (tries - 1) >> 1;
  return Array.from({ length: tries }, (_, k) => middle + (k % 2 ? (k + 1) / 2 : -k / 2)).map((k) => (spare * k) / (tries - 1));
}

// Squares of a letter's height along a track.
function squaresAlong(track, from, to, height) {
  const half = 0.62 * height, steps = Math.max(1, Math.ceil((to - from) / height));
  return Array.from({ length: steps + 1 }, (_, k) => {
    const [x, y] = track.at(from + ((to - from) * k) / steps);
    return { left: x - half, right: x + half, top: y - half, bottom: y + half };
  });
}

// How a name lies on its track from a way on: one text where that is straight, else letter by letter; null where it bends too much.
// Each piece is [text, x, y, turn]; `widthOf` measures a text.
function lay(track, from, text, height, widthOf) {
  const width = widthOf(text), to = from + width, [x, y] = track.at(from), [toX, toY] = track.at(to);
  const chord = Math.hypot(toX - x, toY - y);
  if (chord < 0.9 * width) return null;
  const back = toX < x - 0.5 || (Math.abs(toX - x) <= 0.5 && toY > y); // read from left to right, upright ones from below
  if (track.isStraight(from, to, height / 5)) return [[text, (x + toX) / 2, (y + toY) / 2, back ? Math.atan2(y - toY, x - toX) : Math.atan2(toY - y, toX - x)]];
  const pieces = [];
  let way = 0;
  for (const letter of text) {
    const wide = widthOf(letter), middle = back ? to - way - wide / 2 : from + way + wide / 2;
    const [ax, ay] = track.at(middle - wide / 2), [bx, by] = track.at(middle + wide / 2);
    const turn = back ? Math.atan2(ay - by, ax - bx) : Math.atan2(by - ay, bx - ax), before = pieces.length ? pieces[pieces.length - 1][3] : turn;
    if (Math.abs(Math.atan2(Math.sin(turn - before), Math.cos(turn - before))) > SHARPEST) return null;
    pieces.push([letter, ...track.at(middle), turn]);
    way += wide;
  }
  return pieces;
}
