// Local coordinates: whole steps from the origin, eastwards and, stretched as the map's projection does, southwards. From them to the
// screen it is a shift, a scale and, of a long city, a turn, the same for all that is drawn.
const RADIANS = Math.PI / 180;
const mercator = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2)) / RADIANS;
const [WEST, SOUTH] = content.origin;
const SOUTH_STRETCHED = mercator(SOUTH);
const localY = (y) => (SOUTH_STRETCHED - mercator(SOUTH + y * content.step)) / content.step;
const toLocal = ({ lat, lng }) => [(lng - WEST) / content.step, (SOUTH_STRETCHED - mercator(lat)) / content.step];
const toLatLng = (x, y) => L.latLng((2 * Math.atan(Math.exp((SOUTH_STRETCHED - y * content.step) * RADIANS)) - Math.PI / 2) / RADIANS, WEST + x * content.step);
const METERS_A_STEP = 111320 * content.step * Math.cos(((content.bounds[0][0] + content.bounds[1][0]) / 2) * RADIANS);

// [a, b, c, d, e, f] as a canvas has them: from local coordinates to pixels of the map's layer.
function toLayer(map) {
  const SPAN = 4096, [from, to] = [toLatLng(0, 0), toLatLng(SPAN, 0)].map((place) => map.project(place).subtract(map.getPixelOrigin()));
  const a = (to.x - from.x) / SPAN, b = (to.y - from.y) / SPAN;
  return [a, b, -b, a, from.x, from.y];
}

// [west, north, east, south] of what a canvas shows, in local coordinates.
function boxOf([a, b, c, d, e, f], width, height) {
  const whole = a * d - b * c, corners = [[0, 0], [width, 0], [0, height], [width, height]].map(([x, y]) => [(d * (x - e) - c * (y - f)) / whole, (a * (y - f) - b * (x - e)) / whole]);
  const [xs, ys] = [0, 1].map((k) => corners.map((corner) => corner[k]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

// Polygons { rings of differences } as one path.
function pathOf(polygons) {
  const path = new Path2D();
  for (const ring of polygons.flat()) {
    let x = 0, y = 0;
    for (let i = 0; i < ring.length; i += 2) {
      x += ring[i];
      y += ring[i + 1];
      if (i) path.lineTo(x, localY(y));
      else path.moveTo(x, localY(y));
    }
    path.closePath();
  }
  return path;
}

// Varints out of base64: `whole` of 0 and more, `signed` of either side.
function varints(text) {
  const raw = atob(text);
  let at = 0;
  const whole = () => {
    let byte = raw.charCodeAt(at++), value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = raw.charCodeAt(at++);
      value |= (byte & 127) << shift;
    }
    return value;
  };
  const signed = () => {
    const value = whole();
    return value & 1 ? -((value + 1) >>> 1) : value >>> 1;
  };
  return { whole, signed };
}
