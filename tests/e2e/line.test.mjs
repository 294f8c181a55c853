// The corners of Direct Line: what ends a token, typing, the fifth stream, what goes to the bot only.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { Person } from './support/client.mjs';
import { Server, directlineSecret, eventually, prepareBot } from './support/server.mjs';
import { Line, Stream } from './support/stream.mjs';

/// The status with which a handshake is refused.
const refusal = (url) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url);
  socket.on('unexpected-response', (_, answer) => {
    let body = '';
    answer.on('data', (bytes) => (body += bytes));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: JSON.parse(body) }));
  });
  socket.on('open', () => reject(new Error('it was opened')));
  socket.on('error', reject);
});

test('a token dies after 30 minutes and not before, and only then it is TokenExpired', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  await server.advance('29m');
  const fresh = await line.request('POST', '/tokens/refresh');
  assert.equal(fresh.status, 200);
  assert.equal((await line.say('Hello')).status, 200);
  await server.advance('2m');
  const dead = await line.say('Hello?');
  assert.deepEqual([dead.status, dead.body.error.code], [403, 'TokenExpired']);
  assert.equal((await line.request('POST', '/tokens/refresh')).body.error.code, 'TokenExpired');
  assert.equal((await refusal(line.streamUrl)).body.error.code, 'TokenExpired');
  line.token = fresh.body.token;
  assert.equal((await line.say('Hello!')).status, 200);
  const other = await server.token('dl_eve');
  const foreign = await server.request('GET', `/v3/directline/conversations/${line.conversation}`, undefined, { key: other.token });
  assert.deepEqual([foreign.status, foreign.body.error.code], [403, 'Forbidden']);
});

test('a token that trusts an origin is refused from another, on the stream too', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const { body } = await server.request('POST', '/v3/directline/tokens/generate',
    { user: { id: 'dl_ann', name: 'Ann' }, trustedOrigins: ['https://shop.test'] }, { key: directlineSecret });
  const from = (origin) => server.request('POST', '/v3/directline/conversations', {}, { key: body.token, headers: { origin } });
  assert.deepEqual([(await from('https://evil.test')).status, (await from('https://shop.test')).status], [403, 201]);
});

test('typing is never kept, and news wait for who types', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  await line.say('A trip to Rome');
  await stream.until(2);
  await server.advance('1m');
  assert.equal((await line.post({ type: 'typing' })).status, 200);
  const { decision } = await server.notify({ to: { user: 'dl_bob' }, delivery: 'ad_hoc', text: 'It rains.' });
  assert.deepEqual([decision.action, decision.code], ['queued', 'user_typing']);
  await server.advance('3s');
  await stream.until(3);
  const { activities } = (await line.poll()).body;
  assert.deepEqual(activities.map((one) => [one.type, one.text]),
    [['message', 'A trip to Rome'], ['message', 'How many nights in Rome?'], ['message', 'It rains.']]);
});

test('four streams of a conversation hear the same; a fifth is refused until one is closed', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const streams = [];
  for (let i = 0; i < 4; ++i) streams.push(await Stream.open(t, line.streamUrl));
  await eventually('four streams are known', async () => (await server.conversation(line.conversation)).streams === 4);
  const fifth = await refusal(line.streamUrl);
  assert.equal(fifth.status, 429);
  assert.ok(Number(fifth.headers['retry-after']) >= 1);
  assert.equal(fifth.body.error.code, 'TooManyRequests');
  await line.say('A trip to Rome');
  for (const stream of streams) await stream.until(2);
  for (const stream of streams) assert.deepEqual(stream.frames, streams[0].frames);
  streams[0].socket.close();
  await eventually('three streams are left', async () => (await server.conversation(line.conversation)).streams === 3);
  const again = await Stream.open(t, line.streamUrl);
  assert.deepEqual(await again.until(2), streams[1].activities);
});

test('conversationUpdate goes to the bot only, endOfConversation ends nothing', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  assert.equal((await line.post({ type: 'conversationUpdate', membersAdded: [{ id: 'dl_bob' }] })).status, 200);
  await line.post({ type: 'endOfConversation', code: 'userCancelled' });
  await line.say('A trip to Rome');
  await stream.until(2);
  assert.deepEqual(stream.frames.map((frame) => frame.activities[0].type), ['endOfConversation', 'message', 'message']);
  assert.deepEqual((await line.poll()).body.activities.map((one) => one.type), ['endOfConversation', 'message', 'message']);
});

test('a client that polls hears what nobody asked for', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const ann = await Person.join(t, server, { webSocket: false, pollingInterval: 200 });
  await ann.say('A trip to Oslo');
  await ann.hears('How many nights in Oslo?');
  await server.advance('3s');
  await server.notify({ to: { user: 'dl_ann' }, delivery: 'ad_hoc', text: 'It snows in Oslo.' });
  await ann.hears('It snows in Oslo.');
  await ann.say('1');
  await ann.hears('Shall I book 1 night in Oslo?');
  ann.said(`
    user> A trip to Oslo
    bot> How many nights in Oslo?
    bot! It snows in Oslo.
    user> 1
    bot> Shall I book 1 night in Oslo? [Yes | No]`);
});
