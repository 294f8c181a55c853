// People talk on a webhook channel while its receiver fails, hangs and answers late, and the server is killed with -9 at
// moments that the seed picks. Every answer of the bot must arrive, under one id whatever often it is sent, in order per
// conversation; what is never taken becomes a dead letter, and arrives when it is sent again.
//
//   node tests/chaos/webhooks.mjs [--binary PATH] [--seed N] [--people 12] [--texts 12] [--kills 8]
import { address, chances, isSigned, options, prepare, say as sayOn, secretReference, serve } from './channel.mjs';
import { longestStep, pause } from './server.mjs';

const { binary, seed, people, texts, kills } = options({ people: 12, texts: 12, kills: 8 });
console.log(`webhooks: seed ${seed}, ${people} people, ${texts} texts each, ${kills} kills`);
const random = chances(seed);

// ---- the receiver ------------------------------------------------------------------------------------------

const arrived = []; // {key, id, text, to, taken}, every try
const counts = { failed: 0, hung: 0, late: 0, repeated: 0, killed: 0 };
let mood = 'moody'; // or 'well', 'closed'
let hangs = 3; // a try that hangs takes ten seconds of everybody's time
const complaints = [];

const receiver = await serve((request, response, body) => {
  if (!isSigned(request, body)) complaints.push('a signature is wrong');
  const activity = JSON.parse(body);
  const one = { key: request.headers['idempotency-key'], id: activity.id, text: activity.text, to: activity.recipient, body, taken: false };
  counts.repeated += arrived.some(({ key }) => key === one.key);
  arrived.push(one);
  const take = () => { one.taken = true; response.writeHead(200).end(); };
  const luck = mood === 'moody' ? random() : mood === 'well' ? 1 : 0;
  if (mood === 'moody' && luck < 0.05 && hangs > 0) { --hangs; ++counts.hung; return; }
  if (luck < 0.3) { ++counts.failed; return void response.writeHead(luck < 0.15 ? 500 : 503).end(); }
  if (luck < 0.5) { ++counts.late; return void setTimeout(take, 400 * random()); }
  take();
});

const { server, fail, close } = await prepare('webhooks', binary, {
  name: 'Says it back', fallback: 'echo',
  channels: { sms: { url: `http://${address(receiver)}/in`, secret: secretReference } },
  dialogs: { echo: { params: { text: 'text' }, steps: [{ do: 'say', text: 'Heard {text}' }] } },
});

// ---- the run -----------------------------------------------------------------------------------------------

const say = (user, id, words) => sayOn(server, user, id, words);

let acknowledged = 0;
let restarting = null;
const moments = Array.from({ length: kills }, (_, i) => Math.floor(((i + 0.2 + 0.6 * random()) * people * texts) / (kills + 1)));

function maybeKill() {
  ++acknowledged;
  if (counts.killed >= kills || restarting || acknowledged < moments[counts.killed]) return;
  restarting = (async () => {
    await pause(60 * random());
    await server.kill();
    await server.start();
    ++counts.killed;
    restarting = null;
  })().catch(fail);
}

const dead = async () => (await server.again('GET', '/api/v1/webhooks/dead')).body.items;
const wanted = (user) => Array.from({ length: texts }, (_, i) => `Heard ${user} says ${i}`);
const takenOf = (user) => arrived.filter(({ to, taken }) => to === user && taken);

async function until(what, test, step = 1000) {
  for (const end = Date.now() + 120000; !(await test()); await pause(20)) {
    if (Date.now() > end) throw new Error(`it did not come true: ${what}`);
    await server.advance(step).catch(() => {});
  }
}

async function run() {
  await server.start();
  let over = false;
  const ticking = (async () => {
    for (; !over; await pause(20)) await server.advance(300).catch(() => {});
  })();
  const users = Array.from({ length: people }, (_, i) => `+49151${i}`);
  await Promise.all(users.map(async (user) => {
    for (let i = 0; i < texts; ++i) {
      await say(user, `${user}-${i}`, `${user} says ${i}`);
      maybeKill();
      await pause(30 * random());
    }
  }));
  over = true;
  await ticking;
  while (restarting) await restarting;
  mood = 'well';
  const resent = new Set();
  await until('everything has arrived', async () => {
    for (const { id } of await dead()) {
      resent.add(id);
      await server.again('POST', `/api/v1/webhooks/dead/${encodeURIComponent(id)}/resend`);
    }
    return users.every((user) => new Set(takenOf(user).map(({ key }) => key)).size === texts);
  }, longestStep);

  // Nobody takes it, and the server dies while it is tried: a dead letter, and then it arrives.
  mood = 'closed';
  await say('+49151-last', 'last-0', '+49151-last says 0');
  await until('it is tried', () => arrived.some(({ to }) => to === '+49151-last'));
  await server.kill();
  await server.start();
  await until('it is given up', async () => (await dead()).length === 1, longestStep);
  const [letter] = await dead();
  mood = 'well';
  await server.kill();
  await server.start();
  if ((await dead())[0]?.id !== letter.id) complaints.push('a dead letter is lost in a crash');
  await server.again('POST', `/api/v1/webhooks/dead/${encodeURIComponent(letter.id)}/resend`);
  await until('the dead letter has arrived', () => takenOf('+49151-last').length > 0, longestStep);
  await until('the list is empty', async () => (await dead()).length === 0);
  return { users, resent };
}

const { users, resent } = await run().catch(fail);
const last = await server.kill('SIGTERM');
if (last.code !== 0) complaints.push(`the server ended with ${JSON.stringify(last)}`);
for (const user of users) {
  const mine = arrived.filter(({ to }) => to === user);
  const keys = [...new Set(mine.map(({ key }) => key))];
  for (const key of keys)
    if (new Set(mine.filter((one) => one.key === key).map(({ body }) => body)).size !== 1) complaints.push(`${key} came with two bodies`);
  const firsts = keys.map((key) => mine.find((one) => one.key === key && one.taken)).filter(Boolean);
  const regular = firsts.filter(({ key }) => !resent.has(key)); // what is sent again comes behind the others
  const order = mine.filter((one) => regular.includes(one)).map(({ text }) => text);
  const expected = wanted(user).filter((text) => regular.some((one) => one.text === text));
  if (JSON.stringify(order) !== JSON.stringify(expected)) complaints.push(`${user}: out of order: ${JSON.stringify(order)}`);
  if (JSON.stringify(firsts.map(({ text }) => text).sort()) !== JSON.stringify(wanted(user).sort())) complaints.push(`${user}: not each answer once`);
}
// A kill whose moment comes while the server is still starting again falls away.
const lively = counts.killed >= kills / 2 && counts.failed > 10 && counts.late > 10 && counts.hung > 0 && counts.repeated > 10;
if (!lively) complaints.push('the receiver or the kills did not do what they are for');
console.log(`webhooks: ${JSON.stringify(counts)}, ${arrived.length} tries, ${resent.size} sent again by hand`);
await close(complaints, 1, [receiver]);
