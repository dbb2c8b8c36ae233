// The question: limits and assumptions. Empty means no limit.
import { byId, el, isNumber, plain } from "./draw.js";

const GOALS = [["study", "as in the study"], ["mean_response", "shortest mean response"], ["share_in_time", "most calls within the standard"]];
const BUSY = [["consistent", "busy as expected"], ["free", "always free (fast)"], ["stated", "busy as I state below"]];

let made = 0; // so that each field's fault has an id of its own

// A fault stands beneath its field, and is read out with it.
export function setFault(input, fault, text) {
  fault.hidden = !text;
  fault.textContent = text;
  input.setAttribute("aria-invalid", text ? "true" : "false");
  if (text) input.setAttribute("aria-describedby", fault.id);
  else input.removeAttribute("aria-describedby");
}

// What the server refuses is said beside the field it speaks of; false if no field is known.
export function refusedAt(text) {
  const input = text.startsWith("the standard of") ? byId("standard") : null;
  if (!input) return false;
  setFault(input, input.closest("label").querySelector(".fault"), `${text[0].toUpperCase()}${text.slice(1).split(" -- ")[0]}.`);
  input.dataset.refused = "yes"; // what another field may cure does not hold up a search
  return true;
}

export function acceptedAgain() {
  for (const input of document.querySelectorAll("input[data-refused]")) {
    delete input.dataset.refused;
    setFault(input, input.closest("label").querySelector(".fault"), "");
  }
}

export class Form {
  constructor(study, asked, changed) {
    this.study = study;
    this.asked = asked;
    this.changed = changed;
    byId("form").replaceChildren(this.limits(), this.assumptions(), this.figures(), this.buttons());
    byId("form").addEventListener("submit", (event) => event.preventDefault());
  }

  number(label, get, set, { min = 0, whole = false, max = whole ? 10_000 : 1e12, step = 1, unit = "", scale = 1, id, hint, wants } = {}) {
    const known = unit[0] === "%" || unit[0] === "$" ? ` (${unit})` : unit ? ` ${unit}` : "";
    const range = `${whole ? "A whole number" : "A number"} from ${plain(min)} to ${plain(max)}${known}; leave blank for ${hint || wants || "no limit"}.`;
    const fault = el("span", { class: "fault", id: `fault-${(made += 1)}`, role: "alert", hidden: true }, range);
    const input = el("input", { type: "number", min, max, step, inputmode: "decimal", id, placeholder: hint, value: isNumber(get()) ? Number((get() * scale).toFixed(6)) : "" });
    input.addEventListener("input", () => {
      const value = input.value === "" ? null : Number(input.value) / scale;
      const wrong = !input.checkValidity() || (whole && value !== null && !Number.isInteger(value));
      delete input.dataset.refused;
      setFault(input, fault, wrong ? range : "");
      if (!wrong) {
        set(value);
        this.changed();
      }
    });
    return el("label", { class: "line" }, el("span", {}, label), el("span", { class: "with-unit" }, input, unit ? el("span", { class: "unit" }, unit) : null), fault);
  }

  choice(label, name, options, id) {
    const box = el("select", { id }, options.map(([value, text]) => el("option", { value, selected: this.asked[name] === value }, text)));
    box.addEventListener("change", () => {
      this.asked[name] = box.value;
      this.changed();
      this.redraw();
    });
    return el("label", { class: "line" }, el("span", {}, label), box);
  }

  redraw() {
    for (const input of document.querySelectorAll("input[id^=busy-]")) input.closest("label").hidden = this.asked.busy !== "stated";
  }

  named(group, name) {
    return [() => this.asked[group][name], (value) => {
      if (value === null) delete this.asked[group][name];
      else this.asked[group][name] = value;
    }];
  }

  plain(name, standard = null) {
    return [() => this.asked[name], (value) => { this.asked[name] = value === null ? standard : value; }];
  }

  limits() {
    const { study } = this;
    return el("fieldset", {}, el("legend", {}, "Limits"), el("p", { class: "small" }, "Maximum; leave blank for no limit."),
      study.types.map((t) => this.number(t.title, ...this.named("units", t.id), { whole: true, id: `units-${t.id}` })),
      study.roles.map((r) => this.number(`${r.title}, staff`, ...this.named("roles", r.id), { whole: true })),
      this.number("Budget a year", ...this.plain("budget_per_year"), { max: 1e6, step: "any", unit: "$ million", scale: 1e-6, id: "budget" }),
      this.number("Staff hours a week", ...this.plain("staff_hours_per_week"), { step: "any" }),
      this.number("Responders at one post", ...this.plain("max_per_post"), { min: 1, whole: true }),
      study.has_today ? this.number("Today's responders that may move", ...this.plain("moves_at_most"), { whole: true }) : null,
      study.has_today ? this.tick("Keep today's responders; only add", "keep_today") : null);
  }

  tick(label, name) {
    const box = el("input", { type: "checkbox", checked: this.asked[name] });
    box.addEventListener("change", () => {
      this.asked[name] = box.checked;
      this.changed();
    });
    return el("label", { class: "tick" }, box, ` ${label}`);
  }

  assumptions() {
    return el("fieldset", {}, el("legend", {}, "Assumptions"),
      this.choice("Goal", "goal", GOALS, "goal"),
      this.number("Standard", ...this.plain("target_min"), { wants: "the program’s own", min: 0.5, max: 1440, step: "any", unit: "min", id: "standard" }),
      this.number("Calls, % of past year", ...this.plain("demand", 1), { wants: "100", min: 5, max: 2000, step: "any", unit: "%", scale: 100, id: "demand" }),
      this.number("Travel speed, % of the study's", ...this.plain("speed", 1), { wants: "100", min: 10, max: 500, step: "any", unit: "%", scale: 100, id: "speed" }),
      this.choice("Responders are", "busy", BUSY, "busy"),
      this.study.types.map((t) => this.number(`${t.title}: busy`, () => this.busyShare(t.id), (value) => {
        if (value === null) delete this.asked.busy_shares[t.id];
        else this.asked.busy_shares[t.id] = value;
      }, { wants: "30", min: 0, max: 95, step: "any", unit: "% of its time", scale: 100, id: `busy-${t.id}` })),
      this.number("Time limit of the search", ...this.plain("time_limit_s", 60), { wants: "60", min: 1, max: 3600, step: "any", unit: "s", id: "time-limit" }));
  }

  busyShare(type) {
    const own = this.asked.busy_shares[type];
    return isNumber(own) ? own : this.asked.busy_share;
  }

  // Costs, delays, times on scene and the rest: what the program holds, with its evidence. Empty means the program's own.
  figures() {
    const { study } = this;
    const count = el("span", { id: "figures-count", class: "unit" });
    const tell = () => {
      const many = Object.keys(this.asked.figures).length;
      count.textContent = many ? `${many} changed` : `${study.figures.length} figures`;
    };
    tell();
    const groups = new Map();
    for (const figure of study.figures) groups.set(figure.group, [...(groups.get(figure.group) || []), figure]);
    const rows = [...groups].map(([group, figures]) => [el("h3", {}, group[0].toUpperCase() + group.slice(1)), figures.map((figure) => this.figure(figure, tell))]);
    const find = el("input", { type: "search", autocomplete: "off", id: "figures-filter", "aria-label": "Find a figure", placeholder: "cost, delay, busy …" });
    const box = el("div", { class: "figures-list" }, rows);
    find.addEventListener("input", () => {
      const words = find.value.trim().toLowerCase();
      for (const row of box.querySelectorAll("[data-words]")) row.hidden = !row.dataset.words.includes(words);
      for (const head of box.querySelectorAll("h3")) head.hidden = Boolean(words);
    });
    return el("details", { class: "more", id: "figures" }, el("summary", {}, "Costs, delays and all other figures ", count),
      el("p", { class: "small" }, "Gray figures are the program’s own. What you enter is marked as yours in the report."), find, box);
  }

  figure(figure, tell) {
    const { asked } = this;
    const range = isNumber(figure.low) && isNumber(figure.high) ? `; plausible ${plain(figure.low, 3)} to ${plain(figure.high, 3)}` : "";
    const line = this.number(figure.title, () => asked.figures[figure.key], (value) => {
      if (value === null) delete asked.figures[figure.key];
      else asked.figures[figure.key] = value;
      tell();
    }, { step: "any", hint: plain(figure.value, 3), id: `figure-${figure.key}` });
    return el("div", { class: "figure", "data-words": `${figure.group} ${figure.title}`.toLowerCase() }, line, el("p", { class: "small" }, `${figure.mark}${range}${figure.source ? ` · ${figure.source}` : ""}`));
  }

  buttons() {
    return el("div", { class: "buttons" },
      el("label", { class: "line" }, el("span", {}, "Name of the plan"), el("input", { id: "plan-name", maxlength: 120, autocomplete: "off", placeholder: "Plan …" })),
      el("p", { id: "changes", class: "small" }),
      el("button", { id: "find", type: "button", class: "main" }, "Find the best plan"),
      el("button", { id: "stop", type: "button", class: "stop", hidden: true }, "Stop: keep the best so far"),
      el("button", { id: "judge", type: "button" }, "Re-evaluate this plan"));
  }
}
