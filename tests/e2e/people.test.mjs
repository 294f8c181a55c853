// People over HTTP: what they agree to, what they say in the chat, all that is stored of them, and its end.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Line } from './support/stream.mjs';
import { Server, eventually, prepareBot } from './support/server.mjs';

const user = (id, what = '') => `/api/v1/users/${id}${what}`;
const news = (id, more = {}) => ({ id, to: { user: 'dl_ann' }, delivery: 'ad_hoc', text: `News ${id}.`, ...more });
const codeOf = async (server, notification) => (await server.notify(notification)).decision.code;

/// What the bot said in a conversation.
async function said(server, conversation) {
  const { items } = await server.ok('GET', `/api/v1/conversations/${conversation}/activities?limit=500`);
  return items.filter((each) => each.from?.role !== 'user' && each.text).map((each) => each.text);
}

async function world(t, users = ['dl_ann']) {
  const server = await Server.start(t, { bot: prepareBot(t, 'people') });
  const lines = [];
  for (const each of users) {
    const line = await Line.begin(server, each);
    assert.equal((await line.say('Hello')).status, 200);
    lines.push(line);
  }
  await server.advance('1m'); // nobody counts as typing
  return { server, lines };
}

/// "HH:MM" in UTC.
const clockTime = (ms) => new Date(ms).toISOString().slice(11, 16);

test('what a person agreed to holds from the next notice on', async (t) => {
  const { server, lines: [line] } = await world(t);
  await server.ok('PUT', user('dl_ann', '/consent'), { topics: { offers: 'muted' } });
  assert.equal(await codeOf(server, news('a', { topic: 'offers', urgency: 'critical' })), 'muted');
  assert.equal(await codeOf(server, news('b', { topic: 'orders' })), 'idle');
  await server.ok('PUT', user('dl_ann', '/consent'), { topics: { offers: null } });
  await server.advance('1m');
  assert.equal(await codeOf(server, news('c', { topic: 'offers' })), 'idle');

  const now = Date.parse((await server.advance('1m')).now);
  const hours = { from: clockTime(now - 3600e3), to: clockTime(now + 3600e3), zone: 'UTC' };
  await server.ok('PUT', user('dl_ann', '/consent'), { quiet_hours: hours });
  assert.equal(await codeOf(server, news('d')), 'quiet');
  assert.equal(await codeOf(server, news('e', { expires_in: '5m' })), 'expires_in_quiet');
  assert.equal(await codeOf(server, news('f', { urgency: 'time_sensitive' })), 'idle');
  await server.advance('61m');
  await eventually('the held notice is said when the quiet hours are over',
    async () => (await said(server, line.conversation)).includes('News d.'));

  await server.ok('PUT', user('dl_ann', '/consent'), { quiet_hours: null, contact: false });
  assert.equal(await codeOf(server, news('g', { urgency: 'critical' })), 'no_optin');
  assert.deepEqual((await said(server, line.conversation)).filter((text) => text.startsWith('News')),
    ['News b.', 'News c.', 'News f.', 'News d.']);
});

test('nobody is told anything whom the server has never met', async (t) => {
  const { server } = await world(t);
  const answer = await server.notify(news('x', { to: { user: 'dl_nobody' }, urgency: 'critical' }));
  assert.equal(answer.decision.code, 'no_optin');
});

test('a wrong consent or attribute is refused with all its faults', async (t) => {
  const { server } = await world(t);
  const refused = async (what, body) => {
    const { status, body: problem } = await server.request('PUT', user('dl_ann', what), body);
    assert.equal(status, 422);
    return problem.errors.map((each) => each.pointer).sort();
  };
  assert.deepEqual(await refused('/consent', { contact: 1, quiet_hours: { from: '25:00', to: '8', zone: 'Mars' }, x: 1 }),
    ['/contact', '/quiet_hours/from', '/quiet_hours/zone', '/x']);
  assert.deepEqual(await refused('/consent', {}), ['']);
  assert.deepEqual(await refused('/attributes', { plan: { of: 'gold' } }), ['/plan']);
});

test('what is said in the chat holds in all conversations of the person, also after kill -9', async (t) => {
  const { server, lines: [line, other] } = await world(t, ['dl_ann', 'dl_ann']);
  await line.say('call me Ann');
  await line.say('stop offers');
  assert.equal(await codeOf(server, news('a', { to: { conversation: other.conversation }, topic: 'offers' })), 'muted');
  await other.say('who am I');
  assert.ok((await said(server, other.conversation)).includes('You are Ann.'));
  await server.stop('SIGKILL');

  const again = await Server.start(t, { bot: prepareBot(t, 'people'), data: server.data });
  assert.equal(await codeOf(again, news('b', { topic: 'offers' })), 'muted');
  const { consent, variables } = await again.ok('GET', user('dl_ann'));
  assert.deepEqual(consent, { contact: null, topics: { offers: 'muted' }, quiet_hours: null });
  assert.deepEqual(variables, { nick: 'Ann' });
});

/// Every byte of the data folder.
function stored(folder) {
  return Buffer.concat(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath ?? each.path, each.name)))).toString('latin1');
}

/// A person with something of every kind.
async function fullPerson(t) {
  const { server, lines: [line, bob] } = await world(t, ['dl_ann', 'dl_bob']);
  await line.say('call me Zanzibar');
  await line.say('wake me');
  const form = new FormData();
  form.append('activity', new Blob([JSON.stringify({ type: 'message', text: 'My Zanzibar picture', from: { id: 'dl_ann' } })],
    { type: 'application/vnd.microsoft.activity' }));
  form.append('file', new Blob(['ZANZIBAR-BYTES'], { type: 'text/plain' }), 'zanzibar.txt');
  const { body: { id } } = await server.form(`/v3/directline/conversations/${line.conversation}/upload`, form, line.token);
  assert.ok(id);
  await server.ok('PUT', user('dl_ann', '/attributes'), { island: 'Zanzibar' });
  await server.ok('PUT', user('dl_ann', '/consent'), { contact: true, topics: { orders: 'on' } });
  const watch = { conversation: line.conversation, symbol: 'GOOG', when: { falls_to: 100 }, notify: { text: 'Zanzibar sells.' } };
  const key = { headers: { 'idempotency-key': 'watch-1' } };
  assert.equal((await server.request('POST', '/api/v1/watches', watch, key)).status, 201);
  const soon = { conversation: line.conversation, in: '2h', notify: { text: 'Fly to Zanzibar.' } };
  assert.equal((await server.request('POST', '/api/v1/reminders', soon, { headers: { 'idempotency-key': 'fly-1' } })).status, 201);
  await server.advance('1m');
  assert.equal(await codeOf(server, news('trip', { text: 'Zanzibar is warm.' })), 'idle');
  return { server, line, bob };
}

test('an export holds all that is stored of a person', async (t) => {
  const { server, line } = await fullPerson(t);
  const all = await server.ok('GET', user('dl_ann'));
  assert.equal(all.id, 'dl_ann');
  assert.deepEqual(all.attributes, { island: 'Zanzibar' });
  assert.deepEqual(all.variables, { nick: 'Zanzibar' });
  assert.equal(all.consent.contact, true);
  assert.deepEqual(all.told, {}); // the bot has no caps
  assert.deepEqual(all.met_in, { directline: line.conversation });
  const [talk] = all.conversations;
  assert.equal(all.conversations.length, 1);
  assert.equal(talk.id, line.conversation);
  assert.deepEqual(talk.activities.filter((each) => each.text).map((each) => each.text), ['Hello', 'I hear you.', 'call me Zanzibar',
    'Hello, Zanzibar.', 'wake me', 'I will.', 'My Zanzibar picture', 'I hear you.', 'Zanzibar is warm.']);
  assert.deepEqual(talk.notifications.map((each) => each.id), ['trip']);
  assert.equal(talk.watches.length, 1);
  assert.equal(talk.reminders.length, 2);
  assert.deepEqual(talk.files.map(({ name, content_type, bytes }) => [name, content_type, atob(bytes)]),
    [['zanzibar.txt', 'text/plain', 'ZANZIBAR-BYTES']]);
});

test('an erased person leaves nothing in the database, its log or its monitors, and nobody else goes', async (t) => {
  const { server, line, bob } = await fullPerson(t);
  assert.match(stored(server.data), /zanzibar/i);
  assert.equal((await server.request('DELETE', user('dl_ann'))).status, 204);
  const gone = ['GET', 'DELETE'].map((method) => [method, user('dl_ann')]);
  for (const [method, path] of [gone[0], ['GET', `/api/v1/conversations/${line.conversation}`], ['GET', '/api/v1/notifications/trip']])
    assert.equal((await server.request(method, path)).status, 404, `${method} ${path}`);
  assert.ok((await line.say('Hello')).status >= 400); // its id never comes back
  const { decision } = await server.notify(news('later', { text: 'Zanzibar again.', urgency: 'critical' }));
  assert.equal(decision.code, 'no_optin');
  await server.price('GOOG', 90);
  await server.advance('3h');
  for (const what of ['watches', 'reminders']) assert.deepEqual((await server.ok('GET', `/api/v1/${what}`)).items, []);
  await eventually('the log of the database was emptied', () => !/zanzibar/i.test(stored(server.data)));
  assert.doesNotMatch(stored(server.data), new RegExp(line.conversation));
  assert.deepEqual(await said(server, bob.conversation), ['I hear you.']);
  await server.stop('SIGKILL');

  const again = await Server.start(t, { bot: prepareBot(t, 'people'), data: server.data });
  assert.equal((await again.request('GET', user('dl_ann'))).status, 404);
  assert.equal((await again.request('GET', `/api/v1/conversations/${bob.conversation}`)).status, 200);
  const back = await Line.begin(again, 'dl_ann'); // somebody new
  await back.say('who am I');
  assert.equal((await again.ok('GET', user('dl_ann'))).conversations.length, 1);
  assert.deepEqual((await again.ok('GET', user('dl_ann'))).variables, {});
});

test('a conversation is erased without its person', async (t) => {
  const { server, lines: [one, two] } = await world(t, ['dl_ann', 'dl_ann']);
  assert.equal((await server.request('DELETE', `/api/v1/conversations/${one.conversation}`)).status, 204);
  assert.equal((await server.request('DELETE', `/api/v1/conversations/${one.conversation}`)).status, 404);
  const { conversations } = await server.ok('GET', user('dl_ann'));
  assert.deepEqual(conversations.map((each) => each.id), [two.conversation]);
  assert.equal((await server.notify(news('a'))).conversation, two.conversation);
});
