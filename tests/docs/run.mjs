// Runs what the documents show: every command, file, answer and transcript, against the release binary.
//
//   node tests/docs/run.mjs [PAGE…]      all pages, or those; INTERJECT_BINARY names another binary
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { blocksOf } from './blocks.mjs';
import { selfTest } from './self_test.mjs';
import { Session } from './session.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const binary = resolve(process.env.INTERJECT_BINARY ?? join(repository, 'build/release/interject'));
const pages = process.argv.length > 2 ? process.argv.slice(2) : [
  'docs/tutorial.md', 'docs/guides/notifications.md', 'docs/guides/operating.md', 'docs/guides/embedding.md',
  'docs/guides/events.md', 'docs/guides/services.md', 'docs/guides/webhook.md',
  'docs/guides/watches-and-reminders.md', 'docs/reference/bot.md',
];
let passed = 0;
let failed = 0;

function report(where, wrong) {
  if (!wrong) return void ++passed;
  ++failed;
  console.log(`${where}: ${wrong.replaceAll('\n', '\n    ')}`);
}

/// Links to files of the repository lead to files.
function checkLinks(page) {
  const text = readFileSync(join(repository, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  for (const [, target] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
    if (!/^[a-z]+:/.test(target))
      report(`${page}: link to ${target}`, existsSync(join(repository, dirname(page), target)) ? undefined : 'there is no such file');
}

async function runPage(page) {
  const blocks = blocksOf(readFileSync(join(repository, page), 'utf8'));
  if (!blocks.length) return report(page, 'has nothing to run');
  const began = Date.now();
  const session = await Session.open(repository, binary);
  let left = blocks.length;
  for (const block of blocks) {
    --left;
    const wrong = await session.run(block).catch((error) => String(error.stack ?? error));
    report(`${page}:${block.line}`, wrong);
    if (!wrong) continue;
    // What follows builds on it.
    failed += left;
    if (left) console.log(`${page}: the ${left} blocks after it were not run, and count as failed`);
    break;
  }
  const more = await session.close();
  if (!left) report(`${page}: at its end`, more);
  console.log(`${page}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

selfTest((name, wrong) => report(`tests/docs: ${name}`, wrong));
if (!existsSync(binary)) {
  console.log(`there is no ${binary}: ./run build release interject makes it`);
  ++failed;
} else {
  for (const page of pages) await runPage(page);
}
for (const page of [...pages, 'README.md', 'benchmarks/RESULTS.md', 'CONTRIBUTING.md', 'docs/reference/api.md', 'docs/architecture.md', 'docs/reference/delivery.md']) checkLinks(page);
const generated = spawnSync('node', [join(repository, 'docs/generate.mjs'), '--check'], { encoding: 'utf8' });
report('docs/reference/bot.md', generated.status === 0 ? undefined : generated.stderr || 'not generated');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
