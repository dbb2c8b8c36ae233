// Save what is shown as a picture: the map's canvases, the signs, and the figures beside them.
const FONT = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

function wrapped(pen, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (pen.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function pictureOf(city, point, words) {
  const box = city.map.getContainer().getBoundingClientRect();
  const side = 340, scale = 2;
  const paper = document.createElement("canvas");
  paper.width = (box.width + side) * scale;
  paper.height = Math.max(box.height, 480) * scale;
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
  for (const [post, crew] of City.crews(point)) {
    const at = city.map.latLngToContainerPoint(unpackPoint(content.posts[post].at));
    crew.forEach(([kind, count], i) => {
      const glyph = content.glyphs[kind];
      pen.save();
      pen.translate(at.x - 13 * crew.length + 26 * i, at.y - 13);
      pen.scale(26 / 24, 26 / 24);
      pen.fillStyle = glyph.color;
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 1.5;
      pen.fill(new Path2D(OUTLINES[glyph.shape]));
      pen.stroke(new Path2D(OUTLINES[glyph.shape]));
      pen.fillStyle = "#ffffff";
      pen.textAlign = "center";
      pen.font = `700 13px ${FONT}`;
      pen.fillText(count > 1 ? `${glyph.letter}${count}` : glyph.letter, 12, 16.5);
      pen.restore();
    });
  }
  pen.restore();
  let y = 34;
  for (const [text, size, weight] of words) {
    pen.font = `${weight} ${size}px ${FONT}`;
    pen.fillStyle = weight > 500 ? "#16202b" : "#4a5763";
    for (const line of wrapped(pen, text, side - 40)) {
      pen.fillText(line, 20, y);
      y += size * 1.35;
    }
    y += size * 0.35;
  }
  return paper;
}

function savePicture(city, point, words) {
  pictureOf(city, point, words).toBlob((blob) => {
    const link = make("a", { download: content.internal ? "INTERNAL-plan.png" : "plan.png", href: URL.createObjectURL(blob) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, "image/png");
}
