// Reminders as delayed jobs: BullMQ on a Redis of its own, which appends each write to a file (synced every second).
//   bullmq.mjs JOBS SECONDS PORT FOLDER   jobs due evenly over so many seconds; Redis listens on PORT and writes to FOLDER
// Prints `sample JOBS WALL CPU JOBS` and, on lines of their own, lateness and memory. The CPU is that of both processes.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Queue, Worker } from "bullmq";

const [jobs, seconds, port] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5];
if (!(jobs > 0 && seconds > 0 && port > 0 && folder)) {
  console.error("bullmq.mjs JOBS SECONDS PORT FOLDER");
  process.exit(2);
}

const redis = spawn("redis-server", ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""], { stdio: "ignore" });
process.on("exit", () => redis.kill());
const listening = () => new Promise((then) => {
  const socket = connect(port, "127.0.0.1", () => { socket.destroy(); then(true); }).on("error", () => then(false));
});
const give_up = Date.now() + 10_000;
while (!await listening()) {
  if (Date.now() > give_up) throw new Error("Redis did not start");
  await new Promise((then) => setTimeout(then, 20));
}

const ticks = 100; // a second, in /proc
function redis_cpu() {
  const fields = readFileSync(`/proc/${redis.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
const resident = () => Number(readFileSync(`/proc/${redis.pid}/statm`, "utf8").split(" ")[1]) * 4096;
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6 + redis_cpu(); };
const now = () => Number(process.hrtime.bigint()) / 1e9;

const connection = { host: "127.0.0.1", port };
const queue = new Queue("reminders", { connection });
await queue.waitUntilReady();
const empty = resident();
const used = cpu(), inserting = now();
// Due once all are there: inserting takes a while.
const begin = Date.now() + 1000 + jobs * 0.2;
for (let i = 0; i < jobs; i += 1000) {
  const some = [];
  for (let k = i; k < Math.min(jobs, i + 1000); ++k) {
    const due = begin + (seconds * 1000 * k) / jobs;
    some.push({ name: "reminder", data: { to: `c-${k}`, text: "It is time.", due }, opts: { delay: Math.max(0, Math.round(due - Date.now())), removeOnComplete: true } });
  }
  await queue.addBulk(some);
}
const inserted = now() - inserting, memory = resident() - empty;

const late = [];
await new Promise((then) => {
  const worker = new Worker("reminders", async (job) => {
    late.push(Date.now() - job.data.due);
  }, { connection, concurrency: 64 });
  let over = 0;
  worker.on("completed", () => { if (++over === jobs) then(); });
});
const wall = now() - inserting - inserted, total = cpu() - used;
late.sort((a, b) => a - b);
const percentile = (p) => Math.max(0, late[Math.max(0, Math.ceil(p * late.length) - 1)]);
console.log(`sample ${late.length} ${wall} ${total} ${late.length}`);
console.log(`${percentile(0.5)} late ms p50`);
console.log(`${percentile(0.99)} late ms p99`);
console.log(`${memory / jobs} bytes a job`);
console.log(`${jobs / inserted} inserted/s`);
process.exit(0);
