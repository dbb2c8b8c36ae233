// Elements from plain values. Text only ever becomes a text node: a name from data can not turn into markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const byId = (id) => document.getElementById(id);

// Whole, or with its tenth where it has one (data/figures/text.py says why), or to so many digits
export const points = (value) => value.toFixed(1).replace(/\.0$/, "");
export const percent = (value, digits = null) => (isNumber(value) ? `${digits === null ? points(100 * value) : (100 * value).toFixed(digits)}%` : "–");
export const minutes = (seconds) => (isNumber(seconds) ? `${(seconds / 60).toFixed(1)} min` : "–");
export const millions = (value) => (isNumber(value) && Math.abs(value) >= 999_500 ? `$${(Math.round(value / 1e4) / 100).toFixed(2)} million` : dollars(value));
export const dollars = (value) => (isNumber(value) ? `$${Math.round(value).toLocaleString("en-US")}` : "–");
export const plain = (value, digits = 1) =>
  isNumber(value) ? value.toLocaleString("en-US", { maximumFractionDigits: digits }) : "–";
// How many of a thing: "1 post moved", "2 posts moved"
export const counted = (count, thing, rest = "") => `${count} ${thing}${count === 1 ? "" : "s"}${rest}`;
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
