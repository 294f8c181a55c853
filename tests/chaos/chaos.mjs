// Fifty people talk while news arrives, offers interrupt, calls run, prices move and reminders fall due, and the server is
// killed with -9 twenty times at moments that the seed picks, each time restarted on the same data. Then everybody's history
// is checked against what was acknowledged and seen.
//
//   node tests/chaos/chaos.mjs [--binary PATH] [--seed N] [--people 50] [--rounds 8] [--kills 20]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checks } from './checks.mjs';
import { chances } from './channel.mjs';
import { Server, freePort, longestStep, pause, startService } from './server.mjs';
import { Talker } from './talker.mjs';

const { values } = parseArgs({
  options: {
    binary: { type: 'string', default: 'build/release/interject' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    people: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '8' },
    kills: { type: 'string', default: '20' },
  },
});
const seed = Number(values.seed);
const people = Number(values.people);
const rounds = Number(values.rounds);
const kills = Number(values.kills);
console.log(`chaos: seed ${seed}, ${people} people, ${rounds} rounds, ${kills} kills`);

const folder = mkdtempSync(join(tmpdir(), 'interject-chaos-'));
const service = await startService(chances(seed + 1));
const source = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'bot/bot.json'), 'utf8');
mkdirSync(join(folder, 'bot'));
writeFileSync(join(folder, 'bot/bot.json'), source.replaceAll('{{SERVICE}}', `127.0.0.1:${service.address().port}`));
const server = new Server(values.binary, join(folder, 'bot'), join(folder, 'data'), await freePort());

// ---- the kills ---------------------------------------------------------------------------------------------

// Each kill comes some milliseconds after a number of acknowledgements, both picked by the seed, spread over the whole run.
const random = chances(seed);
const expected = people * (2 + rounds * 8); // about so many acknowledgements in all
const moments = Array.from({ length: kills }, (_, i) => Math.floor(((i + 0.1 + 0.8 * random()) * expected) / (kills + 1)));
let acknowledgements = 0;
let killed = 0;
let restarting = null;
let cutCalls = 0; // calls that were under way when the server died

function acknowledged() {
  ++acknowledgements;
  if (killed < kills && !restarting && acknowledgements >= moments[killed]) {
    const at = acknowledgements;
    restarting = (async () => {
      await pause(30 * random());
      const calls = service.open;
      await server.kill();
      cutCalls += calls;
      await server.start();
      console.log(`chaos: killed after ${at} acknowledgements, ${calls} calls under way`);
      ++killed;
      restarting = null;
    })().catch(fail);
  }
}

function fail(error) {
  console.error(error);
  console.log('0 passed, 1 failed');
  server.process?.kill('SIGKILL');
  process.exit(1);
}

// ---- the run -----------------------------------------------------------------------------------------------

async function live(talker) {
  await talker.begin();
  await talker.exchange(`watch ${talker.symbol}`, `Watching ${talker.symbol}.`);
  for (let i = 1; i <= rounds; ++i) {
    await talker.round(i);
    if (i === talker.fallsIn) await talker.fall();
  }
}

async function run() {
  await server.start();
  let over = false;
  const ticking = (async () => {
    for (; !over; await pause(20)) await server.advance(400).catch(() => {});
  })();
  const talkers = Array.from({ length: people }, (_, i) => {
    const talker = new Talker(server, i, chances(seed * 1000 + i));
    talker.symbol = `S-${i}`;
    talker.fallsIn = 1 + Math.floor(talker.random() * rounds);
    talker.acknowledged = acknowledged;
    talker.fall = async () => {
      for (const price of [20, 5]) {
        const { status, body } = await server.again('POST', '/api/v1/prices', { samples: [{ symbol: talker.symbol, price }] });
        if (status !== 200) throw new Error(`prices: ${status} ${JSON.stringify(body)}`);
      }
    };
    return talker;
  });
  await Promise.all(talkers.map(live));
  while (restarting) await restarting;
  over = true;
  await ticking;
  if (killed !== kills) throw new Error(`only ${killed} of ${kills} kills came about`);

  // What waits comes out as time goes on: nothing may be left in a queue.
  for (const talker of talkers) {
    for (const end = Date.now() + 60000; ; ) {
      await server.advance(longestStep);
      const { body } = await server.again('GET', `/api/v1/conversations/${encodeURIComponent(talker.id)}`);
      if (body.queue.length === 0 && body.reminders.length === 0) break;
      if (Date.now() > end) throw new Error(`${talker.user}: never said: ${JSON.stringify(body.queue)} ${JSON.stringify(body.reminders)}`);
    }
  }
  for (const talker of talkers) {
    await talker.read();
    Object.assign(talker, { rounds, history: [], watermark: '' });
    const before = talker.seen;
    talker.seen = talker.history;
    for (let size = -1; size !== talker.history.length; ) {
      size = talker.history.length;
      await talker.read();
    }
    talker.seen = before;
  }
  const last = await server.kill('SIGTERM');
  return { talkers, last };
}

const { talkers, last } = await run().catch(fail);
let passed = 0;
let failed = 0;
function report(name, complaints) {
  console.log(`${complaints.length ? 'not ok' : 'ok'} - ${name}`);
  complaints.slice(0, 5).forEach((line) => console.log(`    ${line}`));
  if (complaints.length) ++failed;
  else ++passed;
}
for (const [name, check] of Object.entries(checks)) report(name, talkers.flatMap(check));
report('kills met calls, offers interrupted', cutCalls > 0 && talkers.some((talker) => talker.offers.length > 0) ? [] :
  [`${cutCalls} calls were cut off`]);
report('the server ends with 0 in the end', last.code === 0 ? [] : [JSON.stringify(last)]);
const said = talkers.reduce((sum, talker) => sum + talker.history.length, 0);
console.log(`chaos: ${cutCalls} calls cut off, ${talkers.reduce((sum, talker) => sum + talker.offers.length, 0)} offers, ${service.calls} calls`);
console.log(`chaos: ${said} activities, ${acknowledgements} acknowledgements, seed ${seed}`);
console.log(`${passed} passed, ${failed} failed`);
service.closeAllConnections?.();
service.close();
if (failed) console.log(`chaos: the data is kept in ${folder}`);
else rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
