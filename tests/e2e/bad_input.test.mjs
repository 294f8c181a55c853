// What is wrong is answered by name, and the server and its conversations live on.
import { execFile } from 'node:child_process';
import http from 'node:http';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { Server, binary, keys, prepareBot } from './support/server.mjs';
import { Line } from './support/stream.mjs';

async function withBob(t) {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const bob = await Line.begin(server, 'dl_bob');
  assert.equal((await bob.say('A trip to Rome')).status, 200);
  return { server, bob };
}

// The conversation answers at its step: nothing that came before has moved it.
async function livesOn(bob) {
  assert.equal((await bob.say('2')).status, 200);
  const { activities } = (await bob.poll()).body;
  assert.equal(activities.at(-1).text, 'Shall I book 2 nights in Rome?');
}

function isProblem(answer, status) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  for (const member of ['type', 'title', 'status', 'detail']) assert.ok(member in answer.body, member);
  assert.equal(answer.body.status, status);
}

function isDirectLineError(answer, status) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(typeof answer.body.error.code, 'string');
  assert.equal(typeof answer.body.error.message, 'string');
}

const pointers = (answer) => answer.body.errors.map((fault) => fault.pointer).sort();

test('malformed JSON', async (t) => {
  const { server, bob } = await withBob(t);
  for (const body of ['{"id": ', '', '{"a": 1}}', '[', 'null', '"x"', '{"to": {"user": "\\ud800"}}', '\u0000', '[[[['.repeat(20000)]) {
    const answer = await server.request('POST', '/api/v1/notifications', body);
    assert.ok([400, 413, 422].includes(answer.status), `${answer.status} to ${body.slice(0, 40)}`);
    const posted = await bob.post(body);
    assert.ok(posted.status >= 400 && posted.status < 500, `${posted.status} to ${body.slice(0, 40)}`);
    isDirectLineError(posted, posted.status);
  }
  isProblem(await server.request('POST', '/api/v1/prices', '{"samples": ['), 400);
  await livesOn(bob);
});

test('unknown and wrong fields are named, all of them at once', async (t) => {
  const { server, bob } = await withBob(t);
  const answer = await server.request('POST', '/api/v1/notifications', {
    id: 'has spaces', to: { conversation: bob.conversation, nobody: 1 }, text: 'Hello', delivry: 'ad_hoc', urgency: 'huge',
  });
  isProblem(answer, 422);
  assert.deepEqual(pointers(answer), ['/delivry', '/id', '/to/nobody', '/urgency']);
  const refused = [
    { to: { conversation: bob.conversation }, delivery: 'ad_hoc', needs_answer: true, text: 'Yes?' },
    { to: { conversation: bob.conversation }, delivery: 'deferred', return: 'reset', text: 'Hello' },
    { to: { conversation: bob.conversation }, delivery: 'ad_hoc' },
    { to: { conversation: bob.conversation }, delivery: 'interrupt', dialog: { id: 'no_such_dialog' } },
  ];
  for (const notice of refused) {
    const refusal = await server.request('POST', '/api/v1/notifications', notice);
    isProblem(refusal, 422);
    assert.equal(refusal.body.errors.length, 1, JSON.stringify(refusal.body));
  }
  isProblem(await server.request('POST', '/api/v1/prices', { samples: [{ symbol: 'X', price: 'dear' }] }), 422);
  isProblem(await server.request('POST', '/api/v1/test/clock', { advance: 'a while' }), 422);
  await livesOn(bob);
});

test('a body of 10 MB', async (t) => {
  const { server, bob } = await withBob(t);
  // By hand: the server answers before it has read the body, and `fetch` would report the broken pipe instead.
  const post = (path, key) => new Promise((resolve, reject) => {
    const body = Buffer.alloc(10 * 1024 * 1024, 'x');
    const request = http.request(server.base + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length },
    }, (response) => resolve(response.statusCode));
    request.on('error', reject);
    request.write(body);
    request.end();
  });
  assert.equal(await post('/api/v1/notifications', 'test-api-key-0123456789abcdef'), 413);
  assert.equal(await post(`/v3/directline/conversations/${bob.conversation}/activities`, bob.token), 413);
  await livesOn(bob);
});

test('a wrong media type, method and path', async (t) => {
  const { server, bob } = await withBob(t);
  isProblem(await server.request('POST', '/api/v1/prices', '{}', { type: 'text/plain' }), 415);
  isProblem(await server.request('PATCH', '/api/v1/prices', '{}'), 405);
  isProblem(await server.request('GET', '/api/v1/no-such-thing'), 404);
  isProblem(await server.request('GET', '/api/v1/conversations/no-such-conversation'), 404);
  await livesOn(bob);
});

test('no key, a wrong key, a wrong token', async (t) => {
  const { server, bob } = await withBob(t);
  for (const key of ['', 'wrong-key-0123456789', bob.token])
    isProblem(await server.request('GET', '/api/v1/conversations', undefined, { key }), 401);
  const [head, body, mac] = bob.token.split('.');
  const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('dl_bob', 'dl_eve')).toString('base64url');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const key of ['', 'wrong', `${head}.${forged}.${mac}`, `${none}.${body}.`, `${head}.${body}`]) {
    const answer = await server.request('GET', `/v3/directline/conversations/${bob.conversation}/activities`,
      undefined, { key });
    isDirectLineError(answer, 401);
  }
  await livesOn(bob);
});

test('a token that has expired', async (t) => {
  const { server, bob } = await withBob(t);
  await server.advance('31m');
  const answer = await bob.say('2');
  isDirectLineError(answer, 403);
  assert.equal(answer.body.error.code, 'TokenExpired');
});

test("someone else's conversation", async (t) => {
  const { server, bob } = await withBob(t);
  const eve = await Line.begin(server, 'dl_eve');
  const path = `/v3/directline/conversations/${bob.conversation}`;
  isDirectLineError(await server.request('GET', `${path}/activities`, undefined, { key: eve.token }), 403);
  isDirectLineError(await server.request('POST', `${path}/activities`, { type: 'message', text: 'yes' }, { key: eve.token }), 403);
  isDirectLineError(await server.request('GET', path, undefined, { key: eve.token }), 403);
  const refused = await new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}/stream?t=${eve.token}`);
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => reject(new Error("Bob's stream opened for Eve")));
    socket.on('error', () => {});
  });
  assert.equal(refused, 403);
  assert.equal((await bob.poll()).body.activities.length, 2);
  await livesOn(bob);
});

test('a notification for a user whom nobody has seen, and for an unknown conversation', async (t) => {
  const { server, bob } = await withBob(t);
  const nobody = await server.request('POST', '/api/v1/notifications', { to: { user: 'dl_nobody' }, text: 'Hello', urgency: 'critical' });
  assert.equal(nobody.status, 202);
  assert.deepEqual([nobody.body.decision.action, nobody.body.decision.code], ['dropped', 'no_optin']);
  isProblem(await server.request('POST', '/api/v1/notifications', { to: { conversation: 'no-such-conversation' }, text: 'Hello' }), 404);
  await livesOn(bob);
});

// ---- a bot with faults -----------------------------------------------------------------------------------------

const run = (...args) => new Promise((resolve) =>
  execFile(binary, args, { env: keys }, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, text: stdout + stderr })));

test('a bot with faults is refused with file, line and pointer', async (t) => {
  const faulty = prepareBot(t, 'faulty');
  const { code, text } = await run('check', faulty);
  assert.equal(code, 1);
  for (const pointer of ['/start', '/dialogs/welcome/steps/0/txt', '/dialogs/welcome/steps/1/type', '/dialogs/welcome/steps/2/when'])
    assert.match(text, new RegExp(`bot\\.json:\\d+.*${pointer}`), text);
  const serve = await run('serve', '--bot', faulty, '--data', faulty, '--listen', '127.0.0.1:1', '--test-clock');
  assert.equal(serve.code, 1);
  assert.match(serve.text, /bot\.json:\d+.*\/start/);
});

test('the bots of these tests are without fault', async (t) => {
  for (const name of ['travel', 'stocks', 'pizza', 'slow']) {
    const { code, text } = await run('check', prepareBot(t, name, { SERVICE: '127.0.0.1:9' }));
    assert.equal(code, 0, text);
  }
});

test('a folder without a bot, and an address or a data folder that is taken', async (t) => {
  const { server } = await withBob(t);
  assert.equal((await run('check', '/nonexistent')).code, 1);
  const taken = await run('serve', '--bot', prepareBot(t, 'travel'), '--data', prepareBot(t, 'travel'),
    '--listen', `127.0.0.1:${server.port}`);
  assert.equal(taken.code, 1);
  assert.match(taken.text, new RegExp(String(server.port)));
  const shared = await run('serve', '--bot', prepareBot(t, 'travel'), '--data', server.data, '--listen', '127.0.0.1:0');
  assert.equal(shared.code, 1);
  assert.match(shared.text, /data folder .* belongs to a server that is running/);
});
