// Draws the figures that have a size on their axis: plot.mjs FILE FOLDER, the file made by `./run bench --json FILE`.
// The thin bars are the lowest and the highest of the runs. The colours suit light and dark pages.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [file, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: ./run bench --plot FILE FOLDER (FILE of ./run bench --json)");
  process.exit(2);
}
const run = JSON.parse(readFileSync(file, "utf8"));
const question = (name) => run.questions.find((q) => q.name === name);

// ---- a chart ---------------------------------------------------------------------------------------------

const wide = 640, high = 360, left = 76, right = 24, top = 56, bottom = 60;

function short(n) {
  if (n >= 1e6) return `${+(n / 1e6).toPrecision(3)} M`;
  if (n >= 1e3) return `${+(n / 1e3).toPrecision(3)} k`;
  return `${+n.toPrecision(3)}`;
}

// From round numbers to round numbers; a logarithmic one from power to power of ten.
function scale(low, highest, from, to, log) {
  if (log) {
    const a = Math.floor(Math.log10(low) + 1e-9), b = Math.max(a + 1, Math.ceil(Math.log10(highest) - 1e-9));
    return { at: (v) => from + ((Math.log10(v) - a) / (b - a)) * (to - from), ticks: Array.from({ length: b - a + 1 }, (_, i) => 10 ** (a + i)) };
  }
  const rough = highest / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= rough);
  const end = Math.ceil(highest / step - 1e-9) * step;
  return { at: (v) => from + (v / end) * (to - from), ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step) };
}

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

// series: [{name, points: [{x, median, low, high}]}]
function chart({ title, x, y, series, log_x = false, log_y = false }) {
  const points = series.flatMap((s) => s.points);
  const across = scale(Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x)), left, wide - right, log_x);
  const up = scale(Math.min(...points.map((p) => p.low)), Math.max(...points.map((p) => p.high)), high - bottom, top, log_y);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img" aria-label="${escape(title)}">`,
    `<style>
  text { font: 13px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; font-size: 15px; fill: #24292f }
  .grid { stroke: #8c959f; stroke-opacity: .3 }
  .line { fill: none; stroke-width: 2 }
  .a { stroke: #0969da } .b { stroke: #bc4c00 } .c { stroke: #1a7f37 }
  .fa { fill: #0969da } .fb { fill: #bc4c00 } .fc { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 } .title { fill: #e6edf3 }
    .a { stroke: #58a6ff } .b { stroke: #f0883e } .c { stroke: #56d364 }
    .fa { fill: #58a6ff } .fb { fill: #f0883e } .fc { fill: #56d364 }
  }
</style>`,
    `<text class="title" x="${left}" y="24">${escape(title)}</text>`,
  ];
  for (const tick of up.ticks) {
    const at = up.at(tick).toFixed(1);
    out.push(`<line class="grid" x1="${left}" x2="${wide - right}" y1="${at}" y2="${at}"/>`);
    out.push(`<text x="${left - 8}" y="${+at + 4}" text-anchor="end">${short(tick)}</text>`);
  }
  for (const tick of across.ticks) {
    const at = across.at(tick).toFixed(1);
    out.push(`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${high - bottom}"/>`);
    out.push(`<text x="${at}" y="${high - bottom + 20}" text-anchor="middle">${short(tick)}</text>`);
  }
  out.push(`<text x="${(left + wide - right) / 2}" y="${high - 14}" text-anchor="middle">${escape(x)}</text>`);
  out.push(`<text transform="translate(18 ${(top + high - bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>`);
  series.forEach((s, i) => {
    const colour = "abc"[i];
    const at = (p) => `${across.at(p.x).toFixed(1)},${up.at(p.median).toFixed(1)}`;
    for (const p of s.points)
      out.push(`<line class="${colour}" stroke-opacity=".6" x1="${across.at(p.x).toFixed(1)}" x2="${across.at(p.x).toFixed(1)}" y1="${up.at(p.low).toFixed(1)}" y2="${up.at(p.high).toFixed(1)}"/>`);
    out.push(`<polyline class="line ${colour}" points="${s.points.map(at).join(" ")}"/>`);
    for (const p of s.points) out.push(`<circle class="f${colour}" cx="${at(p).split(",")[0]}" cy="${at(p).split(",")[1]}" r="3.5"/>`);
    if (series.length > 1) {
      const from = left + 12 + i * 90;
      out.push(`<line class="line ${colour}" x1="${from}" x2="${from + 22}" y1="42" y2="42"/><text x="${from + 28}" y="46">${escape(s.name)}</text>`);
    }
  });
  return out.join("\n") + "\n</svg>\n";
}

// ---- what is drawn -----------------------------------------------------------------------------------------

const sizes = [["1k", 1e3], ["10k", 1e4], ["100k", 1e5], ["1m", 1e6]];
const by_size = (prefix, figure, factor = 1) => sizes.flatMap(([suffix, x]) => {
  const f = question(`${prefix}_${suffix}`)?.figures[figure];
  return f ? [{ x, median: f.median * factor, low: f.low * factor, high: f.high * factor }] : [];
});
const by_load = (figure) => Object.entries(question("load_curve")?.figures ?? {}).flatMap(([name, f]) => {
  const found = name.match(/^(.+) at (\d+) %$/);
  return found?.[1] === figure ? [{ x: +found[2], median: f.median / 1e3, low: f.low / 1e3, high: f.high / 1e3 }] : [];
});

const charts = {
  "growth_rate.svg": {
    title: "Durable turns beside many stored conversations", x: "conversations stored", y: "turns a second", log_x: true,
    series: [{ name: "turns/s", points: by_size("growth", "turns/s") }] },
  "growth_cpu.svg": {
    title: "What a durable turn costs beside many stored conversations", x: "conversations stored", y: "µs CPU a turn", log_x: true,
    series: [{ name: "CPU", points: by_size("growth", "us CPU per turn") }] },
  "watches.svg": {
    title: "A price that fires none of the watches on its symbol", x: "watches on the symbol", y: "ns CPU a sample", log_x: true,
    series: [{ name: "CPU", points: by_size("watches", "ns CPU a sample") }] },
  "latency.svg": {
    title: "From a message to the bot's answer, by load", x: "load, % of what a closed loop reaches", y: "milliseconds", log_y: true,
    series: [{ name: "median", points: by_load("p50 us") }, { name: "p99", points: by_load("p99 us") }] },
};

mkdirSync(folder, { recursive: true });
let drawn = 0;
for (const [name, what] of Object.entries(charts)) {
  if (what.series.some((s) => s.points.length < 2)) {
    console.log(`${name}: not drawn, ${file} has too few of its figures`);
    continue;
  }
  writeFileSync(join(folder, name), chart(what));
  console.log(join(folder, name));
  ++drawn;
}
process.exit(drawn ? 0 : 1);
