// Hours of the week: calls above, responders on duty and on calls beneath. Drawn as wide as there is room, so that letters keep their size.
const WEEK_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS_INK = { calls: "#7fb2dc", duty: "#0a4f8f", busy: "#c2541a", today: "#4a5763", line: "#d5dbe1" };

class HoursChart {
  constructor(week) {
    this.week = week;
    this.box = document.getElementById("hours_chart");
    this.time = document.getElementById("hours_time");
    this.at = 18;
    this.time.value = this.at;
    this.time.addEventListener("input", () => this.choose(Number(this.time.value)));
    this.box.addEventListener("pointermove", (event) => {
      const { left, width } = this.box.querySelector("svg").getBoundingClientRect(), inside = ((event.clientX - left) / width) * this.width - this.left;
      if (inside >= 0 && inside < 168 * this.step) this.choose(Math.floor(inside / this.step));
    });
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.draw();
    this.reached();
  }

  choose(hour) {
    this.at = hour;
    this.time.value = hour;
    this.time.setAttribute("aria-valuetext", this.nameOf(hour));
    this.mark?.setAttribute("x", this.left + hour * this.step);
    document.getElementById("hours_said").textContent = this.words(hour);
  }

  nameOf(hour) {
    const clock = String(hour % 24).padStart(2, "0");
    return `${WEEK_DAYS[Math.floor(hour / 24)]} ${clock}:00`;
  }

  words(hour) {
    const { calls, onDuty, busy } = this.week, of = (name) => `${fixed(onDuty[name][hour], 0)} on duty${busy[name] ? `, ${fixed(busy[name][hour])} on calls` : ""}`;
    const come = isNumber(calls[hour]) ? `${fixed(calls[hour], this.week.callDigits)} calls an hour` : "calls not shown";
    return `${this.nameOf(hour)}: ${come}; plan: ${of("plan")}${onDuty.today ? `; today: ${of("today")}` : ""}.`;
  }

  draw() {
    const { calls, onDuty, busy } = this.week, width = Math.max(280, this.box.clientWidth - 12);
    if (width === this.width) return;
    Object.assign(this, { width, left: 34, step: (width - 34 - 6) / 168 });
    const hasCalls = calls.some(isNumber), top = { y: 26, height: hasCalls ? 90 : 0 }, low = { y: hasCalls ? 168 : 26, height: 130 }, end = low.y + low.height;
    const svg = draw("svg", { viewBox: `0 0 ${width} ${end + 24}`, role: "img", "aria-label": `${hasCalls ? "Calls, responders" : "Responders"} on duty and responders on calls by hour of the week. The table beneath has the figures by three hours.` });
    const add = (tag, attributes, text) => svg.appendChild(draw(tag, attributes, text));
    const x = (hour) => this.left + hour * this.step;
    const axis = ({ y, height }, most, title, keys) => {
      for (const part of [0, 0.5, 1]) {
        add("line", { x1: this.left, x2: width - 6, y1: y + height * (1 - part), y2: y + height * (1 - part), stroke: HOURS_INK.line });
        add("text", { x: this.left - 5, y: y + height * (1 - part) + 4, "text-anchor": "end", class: "soft" }, Number.isInteger(most * part) ? String(most * part) : String(Number((most * part).toPrecision(2))));
      }
      let at = this.left;
      for (const [text, color] of [[title, null], ...keys]) {
        if (color) add("rect", { x: at, y: y - 17, width: 10, height: 10, fill: color });
        add("text", { x: at + (color ? 14 : 0), y: y - 8, class: color ? "" : "key" }, text);
        at += (color ? 14 + text.length * 6.6 : text.length * 7.8) + 14;
      }
    };
    const nice = (most) => [0.05, 0.1, 0.2, 0.4, 0.6, 1, 2, 4, 6, 8, 10, 12, 16, 20, 30, 40, 60, 80, 100, 200, 400, 800].find((one) => one >= most) || Math.ceil(most);
    const mostCalls = nice(Math.max(0.01, ...calls.filter(isNumber))), mostUnits = nice(Math.max(1, ...Object.values(onDuty).flat(), ...Object.values(busy).flat()));
    if (hasCalls) axis(top, mostCalls, "Calls an hour", []);
    calls.forEach((value, hour) => isNumber(value) && add("rect", { x: x(hour), y: top.y + top.height * (1 - value / mostCalls), width: Math.max(0.5, this.step - (this.step > 3 ? 0.8 : 0)), height: (top.height * value) / mostCalls, fill: HOURS_INK.calls }));
    const more = width > 480 ? ", on duty" : "";
    axis(low, mostUnits, "Responders", [[`plan${more}`, HOURS_INK.duty], ...(onDuty.today ? [[`today${more}`, HOURS_INK.today]] : []), ...(busy.plan ? [[width > 480 ? "plan, on calls" : "on calls", HOURS_INK.busy]] : [])]);
    const level = (value) => low.y + low.height * (1 - value / mostUnits);
    const stairs = (values) => values.map((value, hour) => `${hour ? "L" : "M"}${x(hour)} ${level(value)}H${x(hour + 1)}`).join("");
    if (busy.plan) add("path", { d: `${stairs(busy.plan)}V${end}H${x(0)}Z`, fill: HOURS_INK.busy, "fill-opacity": 0.8 });
    if (onDuty.today) add("path", { d: stairs(onDuty.today), fill: "none", stroke: HOURS_INK.today, "stroke-width": 1.4, "stroke-dasharray": "4 3" });
    add("path", { d: stairs(onDuty.plan), fill: "none", stroke: HOURS_INK.duty, "stroke-width": 2.2 });
    const names = width / 7 > 80 ? WEEK_DAYS : WEEK_DAYS.map((day) => day.slice(0, 3));
    names.forEach((day, i) => {
      add("line", { x1: x(24 * i), x2: x(24 * i), y1: top.y, y2: end + 4, stroke: "#7d8a96", "stroke-width": 0.8 });
      add("text", { x: x(24 * i + 12), y: end + 18, "text-anchor": "middle" }, day);
    });
    this.mark = add("rect", { x: x(this.at), y: top.y, width: Math.max(2, this.step), height: end - top.y, fill: "#16202b", "fill-opacity": 0.22 });
    this.box.replaceChildren(svg);
    this.choose(this.at);
  }

  // Who is reached at the times that can be chosen; a press shows it on the map.
  reached() {
    document.getElementById("hours_reached").replaceChildren(...content.reached.map(([key, plan, today]) => {
      const period = timeOf(key), button = make("button", { type: "button" }, make("b", {}, named(period.title), period.hours ? named(` (${period.hours})`) : null), named(`${plan} in time${today ? `, today ${today}` : ""}. Show on the map`));
      button.addEventListener("click", () => {
        choose({ view: "late", period: key });
        document.getElementById("workbench").scrollIntoView();
      });
      return button;
    }));
  }
}

function startHours() {
  if (content.week) new HoursChart(content.week);
}
