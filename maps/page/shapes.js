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

// Put one fresh canvas in the place of all these: on paper, a canvas that was ever cleared wipes out what lies below it.
// Draws at once, because printing does not wait for the next animation frame.
function layOnPaper(map, pane, renderers) {
  const paper = document.createElement("canvas");
  for (const renderer of renderers.filter((r) => r && r._ctx && map.hasLayer(r))) {
    L.Util.cancelAnimFrame(renderer._redrawRequest);
    renderer._redrawBounds = null;
    renderer._redraw();
    const { width, height, style } = renderer._container;
    if (!paper.width || paper.width !== width || paper.height !== height) Object.assign(paper, { width, height });
    paper.style.cssText = style.cssText;
    paper.getContext("2d").drawImage(renderer._container, 0, 0);
  }
  paper.className = "paper leaflet-zoom-animated";
  map.getPane(pane).append(paper);
}

const takeOffPaper = (map) => map.getContainer().querySelectorAll(".paper").forEach((paper) => paper.remove());

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
