// A table of the instructions that the hot paths of the core take, counted by callgrind (the Debian package valgrind):
//   node benchmarks/count_instructions.mjs build/release/benchmarks/interject_instructions
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [program] = process.argv.slice(2);
if (!program) {
  console.error("usage: count_instructions.mjs PROGRAM");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "instructions-"));
const counted = new Map();
let wanted;
try {
  const said = execFileSync("valgrind", ["--quiet", "--tool=callgrind", `--callgrind-out-file=${folder}/out`, "--dump-before=hot_*", program], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const times = Number(said.match(/^(\d+) times$/m)?.[1]);
  if (!(times > 0)) throw new Error(`${program} did not say how often it did its work`);
  wanted = [...said.matchAll(/^path (\w+)$/gm)].map((m) => m[1]);
  if (wanted.length === 0) throw new Error(`${program} named no paths`);
  // A file for each entry into one of them, with what was counted since the entry before: that of the one before. Each is
  // entered twice; the later count stands. What follows the last entry is mixed with the program's end and left out.
  const files = readdirSync(folder).filter((f) => /^out\.\d+$/.test(f)).sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  let before;
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    const total = Number(text.match(/^(?:summary|totals): (\d+)/m)?.[1]);
    if (before && total > 0) counted.set(before, total / times);
    before = text.match(/^desc: Trigger: --dump-before=hot_(\w+)/m)?.[1];
  }
} finally {
  rmSync(folder, { recursive: true });
}

let missing = 0;
console.log("instructions, each once   (callgrind)");
for (const name of wanted) {
  if (!counted.has(name)) ++missing;
  console.log(`  ${name.replaceAll("_", " ").padEnd(22)} ${counted.has(name) ? Math.round(counted.get(name)).toLocaleString("en").padStart(10) : "not counted".padStart(10)}`);
}
console.log(`${wanted.length - missing} passed, ${missing} failed`);
process.exit(missing ? 1 : 0);
