// Pictures that are saved: words, signs, and the file. For the explorer and for the presenter's scenes.

function wrapped(pen, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (pen.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function drawSign(pen, glyph, x, y, size) {
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 24, size / 24);
  pen.fillStyle = glyph.color;
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 1.5;
  pen.fill(new Path2D(OUTLINES[glyph.shape]));
  pen.stroke(new Path2D(OUTLINES[glyph.shape]));
  pen.fillStyle = "#ffffff";
  pen.textAlign = "center";
  const small = glyph.shape === "triangle";
  pen.font = `700 ${small ? 11 : 13}px ${TYPEFACE}`;
  pen.fillText(glyph.letter, 12, small ? 18.5 : 16.5);
  pen.restore();
}

function drawBadge(pen, text, x, y) {
  pen.save();
  pen.beginPath();
  pen.arc(x, y, 8, 0, 2 * Math.PI);
  pen.fillStyle = "#ffffff";
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = "#16202b";
  pen.stroke();
  pen.fillStyle = "#16202b";
  pen.textAlign = "center";
  pen.font = `700 11px ${TYPEFACE}`;
  pen.fillText(text, x, y + 4);
  pen.restore();
}

function saveCanvas(canvas, name) {
  canvas.toBlob((blob) => {
    const link = make("a", { download: name, href: URL.createObjectURL(blob) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, "image/png");
}
