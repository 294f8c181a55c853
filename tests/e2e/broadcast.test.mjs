// One notification to many people: by filter, at a rate, and each of them decided once whatever is cut off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line } from './support/stream.mjs';
import { Server, eventually, prepareBot } from './support/server.mjs';

const path = '/api/v1/broadcasts';

/// People who have said hello, each in a conversation.
async function crowd(server, count) {
  const all = [];
  const more = async (lane, lanes) => {
    for (let i = lane; i < count; i += lanes) {
      const line = await Line.begin(server, `dl_${i}`);
      assert.equal((await line.say('Hello')).status, 200);
      all[i] = line;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, lane) => more(lane, 8)));
  await server.advance('1m'); // nobody counts as typing
  return all;
}

/// How often each conversation was told `text`.
async function times(server, lines, text) {
  const counts = [];
  for (const { conversation } of lines) {
    const { items } = await server.ok('GET', `/api/v1/conversations/${conversation}/activities?limit=50`);
    counts.push(items.filter((each) => each.text === text).length);
  }
  return counts;
}

/// Moves the clock until the broadcast has ended. → how it ended
async function finish(server, id) {
  return eventually(`broadcast ${id} ends`, async () => {
    const now = await server.ok('GET', `${path}/${id}`);
    if (now.state !== 'running') return now;
    await server.advance('100ms');
    return null;
  }, 120000);
}

test('a broadcast reaches whom its filter names, and its id is its idempotency key', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'people') });
  const lines = await crowd(server, 6);
  for (const i of [0, 2, 4]) await server.ok('PUT', `/api/v1/users/dl_${i}/attributes`, { plan: 'gold', visits: i });
  await server.ok('PUT', '/api/v1/users/dl_4/consent', { topics: { offers: 'muted' } });
  const what = {
    id: 'sale', filter: [[{ field: 'custom.plan', op: 'eq', value: 'gold' }]],
    notification: { topic: 'offers', delivery: 'ad_hoc', text: 'A sale.' },
  };
  const begun = await server.request('POST', path, what);
  assert.equal(begun.status, 202);
  assert.equal(begun.body.state, 'running');
  assert.equal(begun.headers.get('location'), `${path}/sale`);
  const end = await finish(server, 'sale');
  assert.equal(end.state, 'done');
  assert.deepEqual([end.considered, end.recipients, end.refused], [6, 3, 0]);
  assert.deepEqual(end.counts, { idle: 2, muted: 1 });
  assert.deepEqual(await times(server, lines, 'A sale.'), [1, 0, 1, 0, 0, 0]);

  assert.equal((await server.request('POST', path, what)).body.state, 'done');
  await server.advance('10s');
  assert.deepEqual(await times(server, lines, 'A sale.'), [1, 0, 1, 0, 0, 0]);
  assert.equal((await server.request('GET', `${path}/none`)).status, 404);
  const wrong = await server.request('POST', path, { filter: [[{ field: 'plan', op: 'is', value: 1 }]], notification: {} });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.errors.map((each) => each.pointer).sort(),
    ['/filter/0/0/field', '/filter/0/0/op', '/notification/text']);
});

test('a cancelled broadcast tells nobody more', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'people') });
  const lines = await crowd(server, 20);
  await server.ok('POST', path, { id: 'slow', per_second: 10, notification: { delivery: 'ad_hoc', text: 'Slow.' } });
  await server.advance('300ms');
  await eventually('some were told', async () => (await times(server, lines, 'Slow.')).includes(1));
  assert.equal((await server.request('DELETE', `${path}/slow`)).status, 204);
  const end = await server.ok('GET', `${path}/slow`);
  assert.equal(end.state, 'cancelled'); // on disk before it was answered
  const told = await times(server, lines, 'Slow.');
  await server.advance('10s');
  assert.deepEqual(await times(server, lines, 'Slow.'), told);
  assert.ok(told.filter((n) => n === 1).length < 20);
  assert.equal((await server.request('DELETE', `${path}/slow`)).status, 409);
});

test('a broadcast that kill -9 cuts off again and again decides everybody once', async (t) => {
  const bot = prepareBot(t, 'people');
  const args = ['--broadcast-rate', '2000'];
  let server = await Server.start(t, { bot, args });
  const people = 1100; // more than one slice
  const lines = await crowd(server, people);
  await server.ok('POST', path, { id: 'all', notification: { delivery: 'ad_hoc', urgency: 'critical', text: 'For all.' } });
  const restart = async () => {
    const { data, port } = server;
    await server.stop('SIGKILL');
    server = await Server.start(t, { bot, args, data, port });
    // A fresh process begins at the wall clock, where all have just written: hence `critical`, which waits for nobody's typing.
  };
  for (const steps of [1, 2, 5]) { // 200 notices in each: the server dies while they are decided
    for (let i = 0; i < steps; ++i) await server.advance('100ms');
    assert.equal((await server.ok('GET', `${path}/all`)).state, 'running');
    await restart();
  }
  await eventually('the first slice is through', async () => {
    await server.advance('100ms');
    return (await server.ok('GET', `${path}/all`)).recipients >= 1000;
  }, 120000);
  await restart();
  const end = await finish(server, 'all');
  assert.equal(end.state, 'done');
  assert.deepEqual([end.considered, end.recipients, end.refused], [people, people, 0]);
  assert.deepEqual(end.counts, { idle: people });
  assert.deepEqual(new Set(await times(server, lines, 'For all.')), new Set([1]));
});

test('an event is told to whom a filter names', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'people') });
  const lines = await crowd(server, 3);
  await server.ok('PUT', '/api/v1/users/dl_1/attributes', { plan: 'gold' });
  const event = { specversion: '1.0', id: 'e-1', source: '/shop', type: 'com.example.sale', data: { what: 'skis' } };
  const post = () => server.request('POST', '/api/v1/events', JSON.stringify(event), { type: 'application/cloudevents+json' });
  const answer = await post();
  assert.equal(answer.status, 202);
  const [{ id }] = answer.body.broadcasts;
  const end = await finish(server, id);
  assert.deepEqual([end.state, end.recipients], ['done', 1]);
  assert.deepEqual(await times(server, lines, 'On sale: skis.'), [0, 1, 0]);
  const again = await post(); // the same event is the same broadcast
  assert.deepEqual(again.body.broadcasts.map((each) => [each.id, each.state]), [[id, 'done']]);
  await server.advance('10s');
  assert.deepEqual(await times(server, lines, 'On sale: skis.'), [0, 1, 0]);
});
