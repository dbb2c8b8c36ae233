// A scene as a picture of 1920 x 1080: its words to the left, the map with its signs, names and legend to the right.
const SHEET = { width: 1920, height: 1080, words: 860, edge: 64 };

function paintScene(scene, number, map, city) {
  const paper = document.createElement("canvas");
  paper.width = SHEET.width;
  paper.height = SHEET.height;
  const pen = paper.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, SHEET.width, SHEET.height);
  paintMap(pen, map, city);
  const notices = [...document.querySelectorAll(".scene-notice")].map((node) => node.textContent);
  const foot = [...notices, document.querySelector(".legend .clock").textContent.trim(), document.querySelector(".attribution").textContent.trim()];
  // words get smaller until all of them have room
  for (let size = 1; size > 0.4; size -= 0.05) {
    const end = writeScene(pen, scene, number, size, false), room = SHEET.height - SHEET.edge - heightOf(pen, foot);
    if (end > room && size > 0.45) continue;
    writeScene(pen, scene, number, size, true);
    writeLines(pen, foot, SHEET.edge, SHEET.height - SHEET.edge / 2 - heightOf(pen, foot), 18, 400, "#4a5763", true);
    break;
  }
  return paper;
}

const heightOf = (pen, texts) => writeLines(pen, texts, SHEET.edge, 0, 18, 400, "#4a5763", false);

// Lines beneath each other; returns where they end.
function writeLines(pen, texts, x, from, px, weight, color, isWritten, width = SHEET.words - 2 * SHEET.edge) {
  let y = from;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  for (const text of texts.filter(Boolean)) {
    pen.font = `${weight} ${px}px ${TYPEFACE}`;
    pen.fillStyle = color;
    for (const line of wrapped(pen, text, width)) {
      y += px * 1.25;
      if (isWritten) pen.fillText(line, x, y);
    }
    y += px * 0.35;
  }
  return y;
}

function writeScene(pen, scene, number, size, isWritten) {
  const left = SHEET.edge, write = (texts, from, px, weight, color) => writeLines(pen, texts, left, from, px * size, weight, color, isWritten);
  let y = write([`${content.title} \u00b7 ${number}${scene.mark && ` \u00b7 ${scene.mark}`}`], SHEET.edge / 2, 22, 400, scene.mark ? "#8c1313" : "#4a5763");
  y = write([scene.title], y, 50, 700, "#0a4f8f");
  y = write([scene.says], y + 6, 46, 700, "#16202b") + 16;
  const half = (SHEET.words - 2 * SHEET.edge) / 2;
  for (let i = 0; i < scene.figures.length; i += 2) {
    const ends = scene.figures.slice(i, i + 2).map(([label, value, beside], k) => {
      const x = left + k * half, column = (texts, from, px, weight, color) => writeLines(pen, texts, x, from, px * size, weight, color, isWritten, half - 30);
      if (isWritten) {
        pen.fillStyle = "#0a4f8f";
        pen.fillRect(x, y, half - 30, 4);
      }
      return column([beside], column([value], column([label], y + 6, 22, 400, "#4a5763"), 42, 700, "#16202b"), 22, 400, "#16202b");
    });
    y = Math.max(...ends) + 14 * size;
  }
  return write(scene.lines, y + 8, 24, 400, "#16202b");
}

// The map's canvases, signs and names, as large as they fit.
function paintMap(pen, map, city) {
  const box = map.getContainer().getBoundingClientRect(), wide = SHEET.width - SHEET.words, fits = Math.min(wide / box.width, SHEET.height / box.height);
  pen.save();
  pen.beginPath();
  pen.rect(SHEET.words, 0, wide, SHEET.height);
  pen.clip();
  pen.fillStyle = "#e6ebef";
  pen.fillRect(SHEET.words, 0, wide, SHEET.height);
  pen.translate(SHEET.words + (wide - box.width * fits) / 2, (SHEET.height - box.height * fits) / 2);
  pen.scale(fits, fits);
  for (const canvas of map.getContainer().querySelectorAll("canvas")) {
    const at = canvas.getBoundingClientRect();
    if (at.width) pen.drawImage(canvas, at.left - box.left, at.top - box.top, at.width, at.height);
  }
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const name of map.getContainer().querySelectorAll(".district-name span")) {
    const at = name.getBoundingClientRect();
    if (!at.width || getComputedStyle(name).visibility === "hidden" || name.querySelector(".unseen")) continue;
    pen.font = `600 13px ${TYPEFACE}`;
    pen.lineWidth = 3.5;
    pen.strokeStyle = "rgba(255,255,255,.88)";
    pen.fillStyle = "#16202b";
    for (const draw of ["strokeText", "fillText"]) pen[draw](name.textContent, (at.left + at.right) / 2 - box.left, (at.top + at.bottom) / 2 - box.top);
  }
  paintNorth(pen, turnOf(map), 76, 40, 54);
  pen.textBaseline = "alphabetic"; // as signs expect it
  const { mode, period } = city.state, used = content.posts.filter((post) => crewSigns(post, mode, "").length);
  for (const posts of byPlace(used, map)) {
    const post = together(posts), at = map.latLngToContainerPoint(unpackPoint(posts[0].at)), there = crewSigns(post, mode, period);
    there.forEach(([kind, badge], i) => {
      const x = at.x - 13 * there.length + 26 * i;
      drawSign(pen, content.glyphs[kind], x, at.y - 13, 26);
      if (badge) drawBadge(pen, badge, x + 23, at.y + 12);
    });
  }
  pen.restore();
  paintLegend(pen, city.state);
}

function paintLegend(pen, { view, mode }) {
  const scale = mode === "change" ? view.change : view.scale, bands = scale ? [...scale.bands, ...(scale.untold ? [scale.untold] : [])] : [];
  if (!bands.length) return;
  const px = 20, width = 330, left = SHEET.width - width - 24;
  pen.font = `600 ${px}px ${TYPEFACE}`;
  const title = wrapped(pen, scale.title, width - 32), height = 30 + 26 * title.length + 30 * bands.length, top = SHEET.height - height - 24;
  pen.fillStyle = "rgba(255,255,255,.95)";
  pen.fillRect(left, top, width, height);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillStyle = "#16202b";
  title.forEach((line, i) => pen.fillText(line, left + 16, top + 24 + 26 * i));
  pen.font = `400 ${px - 2}px ${TYPEFACE}`;
  bands.forEach((band, i) => {
    const y = top + 22 + 26 * title.length + 30 * i;
    for (const ink of [band.color, band.hatch ? hatch(band.hatch) : null].filter(Boolean)) {
      pen.fillStyle = ink;
      pen.fillRect(left + 16, y, 38, 22);
    }
    pen.fillStyle = "#16202b";
    pen.fillText(band.label, left + 66, y + 12);
  });
}
