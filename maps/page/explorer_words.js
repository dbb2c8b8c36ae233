// Figures and what they are called.
const number = (value, digits = 0) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

function dollars(value) {
  if (!isNumber(value)) return DASH;
  // as data/figures/text.py has them: hundreds of thousands to the next thousand
  return value >= 999_500 ? `$${number(value / 1e6, 2)} million` : `$${number(value >= 100_000 ? Math.round(value / 1000) * 1000 : value)}`;
}

const FIGURES = [
  { key: "share", title: "Calls reached in time", unit: "%", better: 1 },
  { key: "wait", title: "Mean wait", unit: "min", digits: 1, better: -1 },
  { key: "p90", title: "9 in 10 reached within", unit: "min", digits: 1, better: -1 },
  { key: "police", title: "Left to police, a week", unit: "", digits: 1, better: -1 },
  ...(content.points.some((point) => point.noOfficer > 0) ? [ // where police attend every call there is nothing to tell
    { key: "noOfficer", title: "Answered without an officer, a week", unit: "", digits: 1, better: 1 },
    { key: "noOfficerShare", title: "Answered without an officer", unit: "%", better: 1 },
  ] : []),
  ...(content.points.some((point) => isNumber(point.worst)) ? [{ key: "worst", title: "Worst district, mean wait", unit: "min", digits: 1, better: -1 }] : []),
  ...(content.groups.length ? [
    { key: "groupWait", title: "Mean wait there", unit: "min", digits: 1, better: -1 },
    { key: "groupShare", title: "In time there", unit: "%", better: 1 },
  ] : []),
  { key: "cost", title: "Cost a year", unit: "$", digits: 0, better: 0 },
];

// A share is whole, or has its tenth where it has one: data/figures/text.py says why.
const digitsText = (figure, value) => (figure.unit === "%" ? points(value) : number(value, figure.digits));

function figureText(figure, value) {
  if (!isNumber(value)) return DASH;
  const text = digitsText(figure, value);
  if (figure.unit === "$") return dollars(value);
  return figure.unit === "%" ? `${text}%` : figure.unit ? `${text} ${figure.unit}` : text;
}

function changeText(figure, value, before) {
  if (!isNumber(value) || !isNumber(before)) return ["", "same"];
  const delta = value - before;
  const text = digitsText(figure, Math.abs(delta));
  if (!/[1-9]/.test(text)) return ["as before", "same"];
  const words = `${delta > 0 ? "+" : MINUS}${figure.unit === "$" ? dollars(Math.abs(delta)) : text}${figure.unit === "%" ? " points" : figure.unit === "min" ? " min" : ""}`;
  if (!figure.better) return [words, "same"]; // money spent is not worse in itself
  const good = Math.sign(delta) === figure.better;
  return [`${words}, ${good ? "better" : "worse"}`, good ? "better" : "worse"];
}
