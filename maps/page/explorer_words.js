// Figures and what they are called.
const number = (value, digits = 0) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

function dollars(value) {
  if (!isNumber(value)) return DASH;
  return value >= 1e6 ? `$${number(value / 1e6, 2)} million` : `$${number(value)}`;
}

const FIGURES = [
  { key: "share", title: "Calls reached in time", unit: "%", digits: 1, better: 1 },
  { key: "wait", title: "Mean wait", unit: "min", digits: 1, better: -1 },
  { key: "p90", title: "9 in 10 reached within", unit: "min", digits: 1, better: -1 },
  { key: "police", title: "Left to police, a week", unit: "", digits: 1, better: -1 },
  ...(content.points.some((point) => point.noOfficer > 0) ? [ // where police attend every call there is nothing to tell
    { key: "noOfficer", title: "Answered without an officer, a week", unit: "", digits: 1, better: 1 },
    { key: "noOfficerShare", title: "Answered without an officer", unit: "%", digits: 1, better: 1 },
  ] : []),
  ...(content.points.some((point) => isNumber(point.worst)) ? [{ key: "worst", title: "Worst district, mean wait", unit: "min", digits: 1, better: -1 }] : []),
  ...(content.groups.length ? [
    { key: "groupWait", title: "Mean wait there", unit: "min", digits: 1, better: -1 },
    { key: "groupShare", title: "In time there", unit: "%", digits: 1, better: 1 },
  ] : []),
  { key: "cost", title: "Cost a year", unit: "$", digits: 0, better: 0 },
];

function figureText(figure, value) {
  if (!isNumber(value)) return DASH;
  const text = number(value, figure.digits);
  if (figure.unit === "$") return dollars(value);
  return figure.unit === "%" ? `${text}%` : figure.unit ? `${text} ${figure.unit}` : text;
}

function changeText(figure, value, before) {
  if (!isNumber(value) || !isNumber(before)) return ["", "same"];
  const delta = value - before;
  const text = number(Math.abs(delta), figure.digits);
  if (!/[1-9]/.test(text)) return ["as before", "same"];
  const words = `${delta > 0 ? "+" : MINUS}${figure.unit === "$" ? dollars(Math.abs(delta)) : text}${figure.unit === "%" ? " points" : figure.unit === "min" ? " min" : ""}`;
  if (!figure.better) return [words, "same"]; // money spent is not worse in itself
  const good = Math.sign(delta) === figure.better;
  return [`${words}, ${good ? "better" : "worse"}`, good ? "better" : "worse"];
}
