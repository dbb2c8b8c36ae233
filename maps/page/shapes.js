// Coordinates come as whole steps from an origin, each point as its difference from the one before.
function unpack(line) {
  const [lon, lat] = content.origin;
  const points = new Array(line.length / 2);
  let x = 0, y = 0;
  for (let i = 0; i < line.length; i += 2) {
    x += line[i];
    y += line[i + 1];
    points[i / 2] = [lat + y * content.step, lon + x * content.step];
  }
  return points;
}

const unpackArea = (polygons) => polygons.map((rings) => rings.map(unpack));
const unpackPoint = (point) => unpack(point)[0];

// The page can be used from now on; `drawn` is noted once the browser has painted all of it.
function ready() {
  document.body.dataset.ready = "yes";
  requestAnimationFrame(() => setTimeout(() => performance.mark("drawn")));
}

// Text is only ever set as text: nothing from the data is read as HTML.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const named = (text) => make("bdi", {}, text);
