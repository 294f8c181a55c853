// Writes that are sent again with their Idempotency-Key: done once, also when the server died in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line } from './support/stream.mjs';
import { Server, prepareBot } from './support/server.mjs';

const keyed = (key) => ({ headers: { 'idempotency-key': key } });

async function begin(t, bot) {
  const server = await Server.start(t, { bot });
  const { conversation } = await Line.begin(server, 'dl_ann');
  return { server, conversation };
}

function watch(conversation, level = 100) {
  return { conversation, symbol: 'GOOG', when: { falls_to: level }, notify: { text: 'It fell.' } };
}

test('what was answered is not done again after kill -9', async (t) => {
  const bot = prepareBot(t, 'stocks', { SERVICE: '127.0.0.1:9' });
  let { server, conversation } = await begin(t, bot);
  const writes = [
    ['POST', '/api/v1/watches', watch(conversation)],
    ['POST', '/api/v1/reminders', { conversation, in: '10m', notify: { text: 'It is time.' } }],
    ['POST', '/api/v1/prices', { samples: [{ symbol: 'HPQ', price: 10 }] }],
    ['POST', `/api/v1/conversations/${conversation}/reset`],
    ['POST', '/api/v1/reload'],
    ['POST', '/api/v1/watches', { conversation, symbol: 'GOOG' }], // refused for good
  ];
  const first = [];
  for (const [at, [method, path, body]] of writes.entries())
    first.push(await server.request(method, path, body, keyed(`write-${at}`)));
  assert.deepEqual(first.map((each) => each.status), [201, 201, 200, 204, 200, 422]);
  const gone = `/api/v1/reminders/${first[1].body.id}`;
  assert.equal((await server.request('DELETE', gone, undefined, keyed('gone'))).status, 204);

  const { data, port } = server;
  await server.stop('SIGKILL');
  server = await Server.start(t, { bot, data, port });
  for (const [at, [method, path, body]] of writes.entries()) {
    const again = await server.request(method, path, body, keyed(`write-${at}`));
    assert.equal(again.headers.get('idempotency-replayed'), 'true', `${method} ${path}`);
    assert.equal(again.status, first[at].status);
    assert.deepEqual(again.body, first[at].body);
    assert.equal(again.headers.get('location'), first[at].headers.get('location'));
  }
  assert.equal((await server.request('DELETE', gone, undefined, keyed('gone'))).status, 204);
  assert.equal((await server.request('DELETE', gone)).status, 404);
  const { watches, reminders } = await server.conversation(conversation);
  assert.equal(watches.length, 1);
  assert.equal(reminders.length, 0);
  const other = await server.request('POST', '/api/v1/watches', watch(conversation, 99), keyed('write-0'));
  assert.equal(other.status, 422);
  assert.match(other.body.detail, /Idempotency-Key/);
});

test('many at once with one key are one', async (t) => {
  const { server, conversation } = await begin(t, prepareBot(t, 'stocks', { SERVICE: '127.0.0.1:9' }));
  const all = await Promise.all(Array.from({ length: 20 }, () =>
    server.request('POST', '/api/v1/watches', watch(conversation), keyed('at once'))));
  const made = all.filter((each) => each.status === 201);
  assert.ok(made.length >= 1);
  assert.ok(all.every((each) => each.status === 201 || each.status === 409), JSON.stringify(all.map((each) => each.status)));
  assert.equal(new Set(made.map((each) => each.body.id)).size, 1);
  assert.equal((await server.conversation(conversation)).watches.length, 1);
});

test('a write that died before its answer is taken once', async (t) => {
  const bot = prepareBot(t, 'stocks', { SERVICE: '127.0.0.1:9' });
  let { server, conversation } = await begin(t, bot);
  const { data, port } = server;
  const cut = Array.from({ length: 10 }, (_, at) =>
    server.request('POST', '/api/v1/watches', watch(conversation, at + 1), keyed(`cut-${at}`)).then((r) => r.status, () => 0));
  await Promise.race(cut);
  await server.stop('SIGKILL');
  await Promise.all(cut);
  server = await Server.start(t, { bot, data, port });
  for (let at = 0; at < 10; ++at) {
    const made = await server.request('POST', '/api/v1/watches', watch(conversation, at + 1), keyed(`cut-${at}`));
    assert.equal(made.status, 201);
  }
  const levels = (await server.conversation(conversation)).watches.map((each) => each.when.falls_to);
  assert.deepEqual(levels.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
