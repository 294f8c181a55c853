// The tables of RESULTS.md from the figures of a run: table.mjs FILE, made by `./run bench --peers --json FILE`.
// What was not measured in that run is said to be missing, never guessed.
import { readFileSync } from "node:fs";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("usage: ./run bench --table FILE (of ./run bench --json)");
  process.exit(2);
}
const run = JSON.parse(readFileSync(file, "utf8"));
if (run.format !== 1) {
  console.error(`${file}: not a file of ./run bench --json`);
  process.exit(2);
}

function short(n) {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`;
  if (n >= 1e4) return `${(n / 1e3).toFixed(1)} k`;
  return n >= 100 || Number.isInteger(n) ? n.toFixed(0) : n.toFixed(2);
}
const of = (name) => run.questions.find((q) => q.name === name);
const figure = (name, which) => {
  const found = Object.entries(of(name)?.figures ?? {}).find(([known]) => (which instanceof RegExp ? which.test(known) : known === which));
  return found?.[1].median;
};
const rate = (name) => figure(name, /^[a-z]+\/s$/);
const cpu = (name) => figure(name, /^us CPU per /);

// ---- everything

console.log(`${run.when.slice(0, 10)}, commit ${run.commit}, seed ${run.seed}. ${run.machine.cpu}, ${run.machine.cores} cores, ${run.machine.memory}, Linux ${run.machine.kernel}; ${run.machine.compiler}; ${run.machine.libraries}.`);
if (run.smoke) console.log("\nSMOKE SIZE: these figures mean nothing.");
for (const sign of run.busy) console.log(`\nThe machine was busy: ${sign}.`);
console.log("\n| question | per second | µs CPU each | more |\n|---|---|---|---|");
const spread = (f) => (f.low === f.high ? short(f.median) : `${short(f.median)} (${short(f.low)} … ${short(f.high)})`);
for (const q of run.questions) {
  const all = Object.entries(q.figures);
  const pick = (test) => all.find(([name]) => test.test(name))?.[1];
  const per = pick(/^[a-z]+\/s$/), each = pick(/^us CPU per /);
  const more = all.filter(([name]) => !/^[a-z]+\/s$/.test(name) && !/^us CPU per /.test(name)).map(([name, f]) => `${name}: ${short(f.median)}`).join("; ");
  const others = q.others > 0.1 ? ` (others had ${(q.others * 100).toFixed(0)} % of the machine)` : "";
  console.log(`| \`${q.name}\`: ${q.asks}${others} | ${per ? spread(per) : ""} | ${each ? spread(each) : ""} | ${more} |`);
}

// ---- the goals

const rows = [];
// `is` undefined: something that it needs was not measured.
function goal(number, text, is, shown, reached) {
  const known = is.every((n) => n !== undefined && Number.isFinite(n));
  rows.push(`| ${number} | ${text} | ${known ? shown(...is) : "not measured"} | ${known ? (reached(...is) ? "yes" : "no") : ""} |`);
}
const times = (a, b) => `${(a / b).toFixed(a / b < 5 ? 2 : 1)} ×`;

goal(1, "a turn in memory ≤ 5 µs CPU", [cpu("turns")], (n) => `${short(n)} µs`, (n) => n <= 5);
goal(1, "50 × the Bot Framework's CPU a turn", [cpu("bot_framework"), cpu("turns")], times, (a, b) => a / b >= 50);
goal(2, "a durable turn: ≥ 5 × the Bot Framework's not durable rate", [rate("durable"), rate("bot_framework")], times, (a, b) => a / b >= 5);
goal(2, "≥ 50 % of the rate of bare SQLite for such rows", [rate("durable"), rate("bare_rows_500")], (a, b) => `${(100 * a / b).toFixed(0)} %`, (a, b) => a / b >= 0.5);
goal(2, "a commit's p99 ≤ 2 × bare SQLite's of as many turns", [figure("durable", "p99 us a commit"), figure("bare_rows_500", "p99 us a commit")], (a, b) => `${short(a)} µs; ${short(b)} µs`, (a, b) => a <= 2 * b);
goal(3, "an interruption, durable: ≥ 10 × the Bot Framework's CPU", [cpu("bot_framework_interruptions"), cpu("interruptions")], times, (a, b) => a / b >= 10);
goal(4, "a turn through the gateway: ≥ 10 × the Bot Framework's CPU", [cpu("bot_framework_http"), cpu("gateway")], times, (a, b) => a / b >= 10);
goal(4, "≤ 3 × the CPU of a Beast echo, plus the journal's (that of bare rows)", [cpu("gateway"), cpu("beast_echo"), cpu("bare_rows")], (g, e, r) => `${short(g)} µs; 3 × ${short(e)} + ${short(r)}`, (g, e, r) => g <= 3 * e + r);
goal(4, "p99 at half load ≤ 2 × the raw commit's", [figure("half_load", "p99 us"), figure("bare_rows", "p99 us a commit")], (a, b) => `${short(a)} µs; ${short(b)} µs`, (a, b) => a <= 2 * b);
goal(5, "a live conversation ≤ 2.0 KB", [figure("memory", /^bytes a conversation/)], (n) => `${short(n)} bytes`, (n) => n <= 2000);
goal(5, "a passivated one wakes in ≤ 200 µs (p99)", [figure("wake_up", "asleep p99 us")], (n) => `${short(n)} µs`, (n) => n <= 200);
goal(5, "1 M live ones ≤ 2.5 GB (as the bytes of one say)", [figure("memory", /^bytes a conversation/)], (n) => `${(n / 1000).toFixed(1)} GB`, (n) => n <= 2500);
goal(6, "an idle WebSocket client ≤ 6 KB (its conversation asleep)", [figure("idle_clients", /^bytes a client, asleep/)], (n) => `${short(n)} bytes`, (n) => n <= 6000);
goal(6, "10,000 of them ≤ 100 MB", [figure("idle_clients", /^MB in all, asleep/)], (n) => `${short(n)} MB`, (n) => n <= 100);
goal(7, "a sample with 1 M quiet watches ≤ 200 ns", [figure("watches_1m", "ns CPU a sample")], (n) => `${short(n)} ns`, (n) => n <= 200);
goal(7, "the same within noise as with 1 k", [figure("watches_1m", "ns CPU a sample"), figure("watches_1k", "ns CPU a sample")], times, (a, b) => a / b <= 1.1);
goal(8, "a price that fires 100,000 watches: each told, on disk, in ≤ 5 s", [rate("firings_told")], (n) => `${short(100_000 / n)} s`, (n) => 100_000 / n <= 5);
goal(8, "a user's turn meanwhile: p99 ≤ 3 × its usual", [figure("firings_told", "a user's turn meanwhile, p99 us"), figure("firings_told", "a user's turn usually, p99 us")], times, (a, b) => a / b <= 3);
goal(9, "10 M sleep: ≤ 50 MB above none", [figure("reminders_10m", "MB for those asleep and due")], (n) => `${short(n)} MB`, (n) => n <= 50);
goal(9, "start-up with them ≤ 2 s", [figure("reminders_10m", "s to start")], (n) => `${short(n)} s`, (n) => n <= 2);
goal(9, "100 k due within 10 s beside 10 M: late by ≤ 50 ms (p99)", [figure("reminders_10m", "late ms p99")], (n) => `${short(n)} ms`, (n) => n <= 50);
goal(9, "10 k due within 10 s beside 1 M: late by ≤ 50 ms (p99)", [figure("reminders", "late ms p99")], (n) => `${short(n)} ms`, (n) => n <= 50);
goal(9, "≥ 10 × less CPU a reminder than BullMQ", [cpu("bullmq"), cpu("reminders")], times, (a, b) => a / b >= 10);
goal(11, "after kill -9, the first turn in ≤ 1 s", [figure("restart", "s to the first turn")], (n) => `${short(n)} s`, (n) => n <= 1);
goal(11, "after kill -9, 1 M watches armed in ≤ 3 s", [figure("restart", "s until watches are armed")], (n) => `${short(n)} s`, (n) => n <= 3);
goal(12, "idle: ≤ 0.1 % of a core", [figure("idle_server", "% of a core")], (n) => `${n.toFixed(3)} %`, (n) => n <= 0.1);
goal(12, "idle: ≤ 25 MB", [figure("idle_server", "MB")], (n) => `${short(n)} MB`, (n) => n <= 25);
goal(12, "start to the first WebSocket handshake ≤ 100 ms", [figure("start_up", "ms to the first stream")], (n) => `${short(n)} ms`, (n) => n <= 100);
goal(13, "a price alert to 10,000 people: ≥ 0.9 × bare Beast's fan-out", [rate("fan_out"), rate("beast_fan_out")], (a, b) => `${(a / b).toFixed(2)} ×`, (a, b) => a / b >= 0.9);
goal(14, "CPU a turn beside 1 M conversations ≤ 1.3 × that beside 10 k", [cpu("growth_1m"), cpu("growth_10k")], times, (a, b) => a / b <= 1.3);

console.log("\n| goal | | now | reached |\n|---|---|---|---|");
for (const row of rows) console.log(row);
