// What has changed between two runs: compare.mjs OLD NEW, both made by `./run bench --json FILE`.
// A change counts only where the ranges of the two runs' figures do not overlap; the rest is noise, and marked ~.
import { readFileSync } from "node:fs";

const [before, after] = process.argv.slice(2);
if (!after) {
  console.error("usage: ./run bench --compare OLD NEW (files of ./run bench --json)");
  process.exit(2);
}

function read(file) {
  try {
    const run = JSON.parse(readFileSync(file, "utf8"));
    if (run.format === 1 && Array.isArray(run.questions)) return run;
    console.error(`${file}: not a file of ./run bench --json`);
  } catch (e) {
    console.error(`${file}: ${e.message}`);
  }
  process.exit(2);
}

function short(n) {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`;
  if (n >= 1e4) return `${(n / 1e3).toFixed(1)} k`;
  return n >= 100 || Number.isInteger(n) ? n.toFixed(0) : n.toFixed(2);
}
const shown = (f) => short(f.median) + (f.low === f.high ? "" : ` (${short(f.low)} … ${short(f.high)})`);

const old = read(before), now = read(after);
for (const [name, run] of [["old", old], ["new", now]]) {
  console.log(`${name}  commit ${run.commit}, ${run.when}, ${run.machine.cpu}, ${run.machine.cores} cores, seed ${run.seed}${run.smoke ? ", SMOKE SIZE: means nothing" : ""}`);
  for (const sign of run.busy) console.log(`     WARNING: ${sign}`);
}
for (const key of ["cpu", "cores", "kernel", "compiler", "libraries"])
  if (old.machine[key] !== now.machine[key]) console.log(`WARNING: not the same ${key}: ${old.machine[key]} and ${now.machine[key]}`);
if (old.seed !== now.seed) console.log("WARNING: not the same seed, so not the same work");
console.log("");

const rows = [["", "old", "new", "new/old", ""]];
let compared = 0;
for (const question of now.questions) {
  const was = old.questions.find((q) => q.name === question.name);
  if (!was) continue;
  const busy = Math.max(was.others, question.others) > 0.1 ? "  (others ran meanwhile)" : "";
  rows.push([question.name + busy]);
  for (const [name, figure] of Object.entries(question.figures)) {
    const then = was.figures[name];
    if (!then) continue;
    ++compared;
    const apart = figure.low > then.high || figure.high < then.low;
    const single = question.runs < 3 || was.runs < 3;
    const ratio = then.median === 0 ? "" : (figure.median / then.median).toFixed(2);
    rows.push([`  ${name}`, shown(then), shown(figure), ratio, single ? "? too few runs" : apart ? "" : "~"]);
  }
}
if (compared === 0) {
  console.error("the files have no question in common");
  process.exit(1);
}
const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.filter((r) => r.length > 1).map((r) => r[i].length)));
for (const row of rows)
  console.log(row.length === 1 ? row[0] : row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]) : i < 4 ? cell.padStart(widths[i]) : cell)).join("  ").trimEnd());
console.log("\n~ the ranges overlap: no difference was shown");
