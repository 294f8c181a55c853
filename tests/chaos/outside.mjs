// Broadcasts to people of whom some are on a webhook, while the service that the bot calls for them fails, hangs, is late and
// answers garbage, the webhook's receiver does the same, and the server is killed with -9 again and again. Each recipient is
// decided once, each activity arrives under one id, each call ends in one of its three ways, and all its tries carry one key.
// Then faults are planted in what was seen, and each must be found: outside_checks.mjs.
//
//   node tests/chaos/outside.mjs [--binary PATH] [--seed N] [--people 12] [--calls 6] [--kills 8]
import { address, chances, isSigned, options, prepare, say, secretReference, serve } from './channel.mjs';
import { complaintsOf, endsOf, faults, outcomes, unseen } from './outside_checks.mjs';
import { longestStep, pause, secret } from './server.mjs';

const { binary, seed, people, calls, kills } = options({ people: 12, calls: 6, kills: 8 });
console.log(`outside: seed ${seed}, ${people} people, ${calls} calls each, ${kills} kills`);
const random = chances(seed);
const complaints = [];
const counts = { killed: 0, failed: 0, hung: 0, late: 0, garbage: 0, repeated: 0, posts: 0, Fetched: 0, Failed: 0, Late: 0 };

// ---- what is outside -----------------------------------------------------------------------------------------------

const arrived = []; // {key, text, to, body}: what the webhook's receiver took
const turnedAway = []; // the keys of what it answered with 503
const keys = new Map(); // of the tries of each call, by its token
let healed = false;

const receiver = await serve((request, response, body) => {
  if (!isSigned(request, body)) complaints.push('a signature is wrong');
  const activity = JSON.parse(body);
  ++counts.posts;
  const luck = healed ? 1 : random();
  const key = request.headers['idempotency-key'];
  if (luck < 0.2) return turnedAway.push(key), void response.writeHead(503).end();
  arrived.push({ key, text: activity.text, to: activity.recipient, body });
  const answer = () => response.writeHead(200).end();
  return luck < 0.4 ? void setTimeout(answer, 300 * random()) : answer();
});

const alwaysHangs = (token) => /^t-\d*[048]-0$/.test(token); // so that some calls surely end by their time-out

const service = await serve((request, response) => {
  const token = request.url.split('/').pop();
  if (!keys.has(token)) keys.set(token, []);
  keys.get(token).push(request.headers['idempotency-key']);
  counts.repeated += keys.get(token).length > 1;
  const answer = () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ word: `word-${token}` }));
  if (alwaysHangs(token)) return void ++counts.hung;
  const luck = healed ? 1 : random();
  if (luck < 0.05) return void ++counts.hung;
  if (luck < 0.2) return ++counts.failed, void response.writeHead(luck < 0.1 ? 404 : 500).end('no');
  if (luck < 0.3) return ++counts.garbage, void response.setHeader('content-type', 'application/json').end('{"word": ');
  if (luck < 0.5) return ++counts.late, void setTimeout(answer, 400 * random());
  return answer();
});

const { server, fail, close } = await prepare('outside', binary, {
  name: 'Asks a service', start: 'hello', hosts: [address(service)],
  delivery: { budget: { per: '1s', burst: 100 } },
  channels: { directline: {}, sms: { url: `http://${address(receiver)}/in`, secret: secretReference } },
  dialogs: {
    hello: { intents: ['hello'], steps: [{ do: 'say', text: 'Hello.' }] },
    fetch: {
      intents: [{ pattern: '^fetch (?P<token>[a-z0-9-]+)$' }],
      steps: [
        { do: 'request', url: `http://${address(service)}/${'{token}'}`, read: { word: '/word' }, retries: 4, timeout: '15s',
          on_failure: [{ do: 'say', text: 'Failed {token}.' }, { do: 'end' }], on_timeout: [{ do: 'say', text: 'Late {token}.' }, { do: 'end' }] },
        { do: 'say', text: 'Fetched {token}: {word}.' },
      ],
    },
  },
});

// ---- people --------------------------------------------------------------------------------------------------------

/// Every other one is on the webhook.
class Person {
  constructor(number) {
    Object.assign(this, { number, onWebhook: number % 2 === 1, user: number % 2 === 1 ? `+49151${number}` : `dl_${number}`, said: 0 });
  }

  async begin() {
    if (!this.onWebhook) {
      this.token = (await server.again('POST', '/v3/directline/tokens/generate', { user: { id: this.user } }, secret)).body.token;
      this.conversation = (await server.again('POST', '/v3/directline/conversations', {}, this.token)).body.conversationId;
    }
    await this.say('hello');
  }

  /// The same again under its id until it was acknowledged.
  async say(text) {
    const id = `${this.number}-${this.said++}`;
    if (!this.onWebhook) {
      const path = `/v3/directline/conversations/${encodeURIComponent(this.conversation)}/activities`;
      const { status } = await server.again('POST', path, { type: 'message', text, channelData: { clientActivityID: id } }, this.token);
      if (status !== 200) throw new Error(`"${text}": ${status}`);
      return;
    }
    await say(server, this.user, id, text);
  }

  /// What they were told, each activity once.
  async heard() {
    if (this.onWebhook) return [...new Map(arrived.filter(({ to }) => to === this.user).map((each) => [each.key, each.text])).values()];
    const { body } = await server.again('GET', `/api/v1/conversations/${encodeURIComponent(this.conversation)}/activities?limit=500`);
    return body.items.filter(({ from }) => from.role === 'bot').map(({ text }) => text);
  }

  async outcomes(token) {
    return outcomes(await this.heard(), token);
  }
}

// ---- the run -------------------------------------------------------------------------------------------------------

const all = Array.from({ length: people }, (_, i) => new Person(i));
const broadcast = (id) => server.again('GET', `/api/v1/broadcasts/${id}`).then(({ body }) => body);

async function until(what, test) {
  for (const end = Date.now() + 120000; !(await test()); await pause(20))
    if (Date.now() > end) throw new Error(`it did not come true: ${what}`);
}

async function cast(id) {
  const what = { id, per_second: 2, notification: { delivery: 'ad_hoc', urgency: 'critical', text: `News ${id}.` } };
  const begun = await server.again('POST', '/api/v1/broadcasts', what);
  if (begun.status !== 202) throw new Error(`${id}: ${begun.status} ${JSON.stringify(begun.body)}`);
}

async function run() {
  await server.start();
  await Promise.all(all.map((each) => each.begin()));
  let over = false;
  const ticking = (async () => {
    for (; !over; await pause(20)) await server.advance(healed ? longestStep : 300).catch(() => {});
  })();
  const killing = (async () => {
    for (; counts.killed < kills; ++counts.killed) {
      await pause(300 + 500 * random());
      await server.kill();
      await server.start();
    }
  })();
  const talking = all.map(async (each) => {
    for (let i = 0; i < calls; ++i) {
      const token = `t-${each.number}-${i}`;
      await each.say(`fetch ${token}`);
      await until(`call ${token} ends`, async () => (await each.outcomes(token)).length > 0);
    }
  });
  const casts = (async () => {
    for (let i = 0; i < 4; ++i) {
      await cast(`b${i}`);
      await pause(500);
      if (i === 2) await server.again('DELETE', `/api/v1/broadcasts/b${i}`); // 204, or it has ended
    }
  })();
  await Promise.all([...talking, casts, killing]);
  healed = true;
  for (let i = 0; i < 4; ++i) await until(`b${i} ends`, async () => (await broadcast(`b${i}`)).state !== 'running');
  await until('everything has arrived', async () => {
    for (const { id } of (await server.again('GET', '/api/v1/webhooks/dead')).body.items)
      await server.again('POST', `/api/v1/webhooks/dead/${encodeURIComponent(id)}/resend`);
    const heard = await Promise.all(all.map((each) => each.heard()));
    const taken = new Set(arrived.map(({ key }) => key));
    return heard.every((texts) => [0, 1, 3].every((i) => texts.includes(`News b${i}.`))) && turnedAway.every((key) => taken.has(key));
  });
  over = true;
  await ticking;
}

async function seen() {
  const casts = [];
  for (let i = 0; i < 4; ++i) {
    const { state: how, considered, recipients, refused, counts: codes } = await broadcast(`b${i}`);
    casts.push({ id: `b${i}`, mayEnd: i === 2 ? ['done', 'cancelled'] : ['done'], state: how, considered, recipients, refused, counts: codes });
  }
  const heard = await Promise.all(all.map((each) => each.heard()));
  return { people, calls, casts, heard, keys, arrived: arrived.map(({ key, body }) => ({ key, body })), turnedAway };
}

async function check() {
  const trail = await seen();
  complaints.push(...complaintsOf(trail));
  for (const each of all)
    for (let i = 0; i < calls; ++i) ++counts[endsOf(trail, `t-${each.number}-${i}`)[0]?.split(' ')[0]];
  if (complaints.length === 0) complaints.push(...unseen(trail).map((what) => `planted, and not found: ${what}`));
}

await run().catch(fail);
await check().catch(fail);
const last = await server.kill('SIGTERM');
if (last.code !== 0) complaints.push(`the server ended with ${JSON.stringify(last)}`);
const lively = counts.killed >= kills && turnedAway.length > 3 && counts.failed > 3 && counts.garbage > 1 && counts.late > 3 && counts.repeated > 3 && counts.Fetched > 0 && counts.Failed > 0 && counts.Late > 0;
if (!lively) complaints.push('the service or the kills did not do what they are for');
console.log(`outside: ${JSON.stringify(counts)}, ${arrived.length} activities taken`);
await close(complaints, 1 + Object.keys(faults).length, [receiver, service]);
