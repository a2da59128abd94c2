// Curves over the epochs, drawn by uPlot. A table below them is their legend: its buttons show and hide
// lines, and it says what they are at the epoch under the pointer, or of the slider.
const METRICS = { accuracy: "accuracy (%)", cost: "cost" };
const DASHES = { solid: [], dashed: [9, 4], dotted: [2, 4] };
const STYLES = Object.keys(DASHES);
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
const made = (name, content = [], attributes = {}) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...[content].flat());
  return element;
};

// Curves are written as differences of whole numbers, which are short; a large number as a list.
const curve = (differences, digits) => {
  let sum = 0;
  const value = (step) => (Array.isArray(step) ? step[0] : (sum += step) / 10 ** digits);
  return differences.map((step) => (step === null ? null : value(step)));
};

const charts = [];
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  charts.forEach((chart) => chart.redraw()));

// A group of lines has a name, a colour, a style, and by metric its lines, all over the same epochs. If
// it has a band, the lines are the middle, the upper and the lower end.
function draw(place, epochs, groups) {
  for (const chart of charts.splice(0)) chart.destroy();
  const shown = groups.map((group) => !group.hidden);
  const slider = made("input", [],
    { type: "range", min: 0, max: epochs.length - 1, step: 1, "aria-label": "epoch" });
  const where = made("output");
  const cells = groups.map(() => Object.keys(METRICS).map(() => made("td", [], { class: "number" })));

  const say = (at) => {
    slider.value = at;
    where.value = epochs[at];
    slider.setAttribute("aria-valuetext", epochs[at]);
    groups.forEach((group, i) => Object.keys(METRICS).forEach((metric, k) => {
      const lines = group.band ? group[metric].slice(0, 1) : group[metric];
      const values = lines.map((line) => line[at]).filter((value) => value != null);
      const ends = [...new Set([Math.min(...values), Math.max(...values)])];
      const digits = metric === "cost" ? 4 : 2;
      cells[i][k].textContent =
        values.length ? ends.map((value) => value.toFixed(digits)).join(" to ") : "–";
    }));
  };

  const pane = (metric) => {
    const series = [{}], data = [epochs], bands = [], owners = [];
    groups.forEach((group, i) => group[metric].forEach((line, k) => {
      const colour = () => ink(`--curve-${group.colour}`);
      const edge = group.band && k > 0;
      if (edge && k === 1)
        bands.push({ series: [series.length, series.length + 1], fill: () => `${colour()}30` });
      data.push(line);
      owners.push(i);
      series.push({ stroke: edge ? undefined : colour, width: edge ? 0 : group.faint ? 1 : 2,
        alpha: group.faint ? 0.45 : 1, dash: DASHES[group.style], points: { show: false },
        show: shown[i], spanGaps: true });
    }));
    const axis = { stroke: () => ink("--soft"), grid: { stroke: () => ink("--line"), width: 1 },
      ticks: { stroke: () => ink("--line"), width: 1 } };
    const names = groups.map((group) => group.name).join("; ");
    const box = made("div", [], { class: "pane", role: "img",
      "aria-label": `${METRICS[metric]} over the epochs: ${names}` });
    panes.append(box);
    const chart = new uPlot({ width: box.clientWidth, height: 260, series, bands,
      scales: { x: { time: false } }, legend: { show: false },
      cursor: { sync: { key: "epochs" }, y: false, points: { show: false } },
      axes: [{ ...axis, label: "epoch", labelSize: 20, size: 34 },
        { ...axis, label: METRICS[metric], labelSize: 20, size: 56 }],
      hooks: { setCursor: [({ cursor }) => cursor.idx != null && say(cursor.idx)] },
    }, data, box);
    chart.owners = owners;
    charts.push(chart);
    new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: 260 })).observe(box);
  };

  const rows = groups.map((group, i) => {
    const sample = made("span", [], { class: "sample", "aria-hidden": "true",
      style: `border-top: ${group.faint ? 1 : 3}px ${group.style} var(--curve-${group.colour})` });
    const button = made("button", [sample, group.name], { type: "button", "aria-pressed": shown[i] });
    button.addEventListener("click", () => {
      shown[i] = !shown[i];
      button.setAttribute("aria-pressed", shown[i]);
      for (const chart of charts)
        chart.owners.forEach((owner, k) => owner === i && chart.setSeries(k + 1, { show: shown[i] }));
    });
    return made("tr", [made("th", button, { scope: "row" }), ...cells[i]]);
  });
  slider.addEventListener("input", () => {
    say(Number(slider.value));
    for (const chart of charts)
      chart.setCursor({ left: chart.valToPos(epochs[slider.value], "x"), top: 0 }, false);
  });
  const head = made("tr", [made("th", "line", { scope: "col" }),
    ...Object.values(METRICS).map((title) => made("th", title, { scope: "col", class: "number" }))]);
  const panes = made("div", [], { class: "panes" });
  place.replaceChildren(panes, made("p", ["Epoch ", where, slider]),
    made("div", made("table", [made("thead", head), made("tbody", rows)], { class: "plain legend" }),
      { class: "scroll", tabindex: "0" }));
  Object.keys(METRICS).forEach(pane);
  say(epochs.length - 1);
}

for (const data of document.querySelectorAll("script.panels")) {
  const { epochs, panels } = JSON.parse(data.textContent);
  const place = made("div");
  const show = ({ lines }) => draw(place, epochs, lines.map((line, i) => {
    const found = { name: line.name, colour: i % 6, style: STYLES[i % 3], band: true };
    for (const [metric, digits] of [["accuracy", 2], ["cost", 4]]) {
      const [mean, std] = line[metric].map((values) => curve(values, digits));
      const beyond = (sign) => mean.map((value, k) => value === null ? null
        : Math.max(0, Math.min(value + sign * std[k], metric === "cost" ? Infinity : 100)));
      found[metric] = [mean, beyond(1), beyond(-1)];
    }
    return found;
  }));
  const choice = made("select", panels.map(({ title }, i) => made("option", title, { value: i })));
  choice.addEventListener("change", () => show(panels[choice.value]));
  if (panels.length > 1) data.before(made("p", made("label", ["Curves of ", choice])));
  data.before(place);
  show(panels[0]);
}

// The page of the runs shows the one that is chosen in the list, and the others of its cell faintly.
const data = document.querySelector("script.runs");
if (data) {
  const { every, settings, origins, runs } = JSON.parse(data.textContent);
  const near = /^(file|https?):$/.test(location.protocol);
  const place = document.getElementById("run");
  const names = ["training cost", "training accuracy", "validation cost", "validation accuracy"];

  const lines = (path) => {
    const values = runs[path].curves.map((line, i) => curve(line, i % 2 ? 2 : 4));
    const last = runs[path].last;
    return values.map((line) => new Map(line.map((value, k) => [Math.min(k * every, last), value])));
  };

  document.addEventListener("chosen", ({ detail: row }) => {
    const run = runs[row.id];
    if (!run) return;
    const others = Object.keys(runs).filter(
      (path) => runs[path].setting === run.setting && path !== row.id);
    const own = lines(row.id), theirs = others.map(lines);
    const epochs = [...new Set([own, ...theirs].flatMap((of) => [...of[0].keys()]))];
    epochs.sort((a, b) => a - b);
    const over = (maps) => maps.map((map) => epochs.map((epoch) => map.get(epoch) ?? null));
    const group = (name, many, split, look) => ({ name, ...look,
      cost: over(many.map((of) => of[split])), accuracy: over(many.map((of) => of[split + 1])) });
    const groups = [group("validation", [own], 2, { colour: 0, style: "solid" }),
      group("training", [own], 0, { colour: 1, style: "dashed" })];
    if (others.length)
      groups.push(
        group("validation, other seeds", theirs, 2, { colour: 0, style: "solid", faint: true }),
        group("training, other seeds", theirs, 0,
          { colour: 1, style: "dashed", faint: true, hidden: true }));
    const headings = row.closest("table").tHead.rows[0].cells;
    const facts = [...row.cells].map((cell, i) => [headings[i].textContent.trim(), cell.textContent]);
    const { files, ...origin } = origins[run.origin];
    facts.push(...Object.entries(settings[run.setting]), ...Object.entries(origin));
    facts.push(...Object.entries(run.dataset));
    for (const file of files) facts.push(["file", `runs/${row.id}/${file}`]);
    const said = facts.filter(([, text]) => text !== "").map(([name, text]) => {
      const link = near && name.endsWith("file") ? made("a", text, { href: `../${text}` }) : text;
      return made("div", [made("dt", name), made("dd", link)]);
    });
    const title = made("h2", row.id, { tabindex: "-1" });
    const chart = made("div");
    place.replaceChildren(title, chart, made("dl", said, { class: "facts" }));
    place.hidden = false;
    draw(chart, epochs, groups);
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  });
}
