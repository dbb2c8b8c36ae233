// Save what is shown as a picture: the map's canvases, the signs, and the figures beside them.
const SIDE = 340, EDGE = 20;

// Words beneath each other; returns where they end.
function writeWords(pen, words, from) {
  let y = from;
  for (const [text, size, weight] of words.filter(([said]) => said)) {
    pen.font = `${weight} ${size}px ${TYPEFACE}`;
    pen.fillStyle = weight > 500 ? "#16202b" : "#4a5763";
    for (const line of wrapped(pen, text, SIDE - 2 * EDGE)) {
      pen.fillText(line, EDGE, y);
      y += size * 1.35;
    }
    y += size * 0.35;
  }
  return y;
}

// A picture is handed on without its page: it has to say itself what its colors and signs mean.
function writeLegend(pen, from) {
  const titleOf = (selector) => document.querySelector(selector).textContent.trim();
  let y = writeWords(pen, [[titleOf(".legend h2"), 14, 600]], from);
  const entry = (mark, text) => {
    mark(y - 13);
    pen.font = `400 13px ${TYPEFACE}`;
    pen.fillStyle = "#16202b";
    const lines = wrapped(pen, text, SIDE - 2 * EDGE - 38);
    lines.forEach((line, i) => pen.fillText(line, EDGE + 38, y + 16 * i));
    y += 21 + 16 * (lines.length - 1);
  };
  for (const band of [...content.scale.bands, content.scale.missing]) {
    entry((top) => {
      for (const ink of [band.color, band.hatch ? hatch(band.hatch) : null].filter(Boolean)) {
        pen.fillStyle = ink;
        pen.fillRect(EDGE, top, 27, 16);
      }
      pen.lineWidth = 1;
      pen.strokeStyle = "#7d8a96";
      pen.strokeRect(EDGE + 0.5, top + 0.5, 26, 15);
    }, band.label);
  }
  for (const glyph of content.glyphs) entry((top) => drawSign(pen, glyph, EDGE + 4, top - 2, 20), glyph.title);
  entry((top) => drawBadge(pen, "2", EDGE + 14, top + 8), "number of responders, if more than one");
  for (const [key, color, title] of GROUND) {
    if (content[key].length) {
      entry((top) => {
        pen.fillStyle = color;
        pen.fillRect(EDGE, top, 27, 16);
      }, title);
    }
  }
  return writeWords(pen, [[titleOf(".legend .clock"), 12, 400], [document.getElementById("attribution").textContent.trim(), 11, 400]], y + 4);
}

function pictureOf(city, point, words) {
  const box = city.map.getContainer().getBoundingClientRect();
  const side = SIDE, scale = 2;
  const column = (pen) => writeLegend(pen, writeWords(pen, words, 34) + 12);
  const paper = document.createElement("canvas");
  const needed = column(paper.getContext("2d")); // written once to see how tall it is
  paper.width = (box.width + side) * scale;
  paper.height = Math.max(box.height, needed) * scale;
  const pen = paper.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.save();
  pen.translate(side, 0);
  pen.beginPath();
  pen.rect(0, 0, box.width, box.height);
  pen.clip();
  pen.fillStyle = "#e6ebef";
  pen.fillRect(0, 0, box.width, box.height);
  for (const canvas of city.map.getContainer().querySelectorAll("canvas")) {
    const place = canvas.getBoundingClientRect();
    pen.drawImage(canvas, place.left - box.left, place.top - box.top, place.width, place.height);
  }
  for (const posts of city.standing(point)) {
    const at = city.map.latLngToContainerPoint(unpackPoint(posts[0].at));
    const crew = together(posts).crew.now;
    crew.forEach(([kind, count], i) => {
      const left = at.x - 13 * crew.length + 26 * i;
      drawSign(pen, content.glyphs[kind], left, at.y - 13, 26);
      if (count > 1) drawBadge(pen, String(count), left + 23, at.y + 12);
    });
  }
  paintNorth(pen, turnOf(city.map), 36, 36, 46);
  pen.restore();
  column(pen);
  return paper;
}

function savePicture(city, point, words) {
  saveCanvas(pictureOf(city, point, words), content.internal ? "INTERNAL-plan.png" : "plan.png");
}
