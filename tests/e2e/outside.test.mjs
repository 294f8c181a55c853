// What is outside the server: a webhook's receiver that fails, hangs and answers late, and a recogniser in Rasa's form.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Person } from './support/client.mjs';
import { Server, eventually, freePort, prepareBot, scratch } from './support/server.mjs';

const secret = 'sms-secret-0123456789';

/// A server whose `answer(body, response)` a test may change; keeps every body that it got.
async function service(t) {
  const it = { got: [], headers: [], answer: (body, response) => response.writeHead(200).end() };
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    it.got.push(JSON.parse(body));
    it.headers.push(request.headers);
    it.asked = [...(it.asked ?? []), request.url];
    it.bodies = [...(it.bodies ?? []), body];
    it.answer(JSON.parse(body), response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => { server.closeAllConnections(); server.close(); });
  it.url = `http://127.0.0.1:${server.address().port}/in`;
  return it;
}

async function world(t, { rasa } = {}) {
  rasa ??= `http://127.0.0.1:${await freePort()}/model/parse`; // nobody there
  const receiver = await service(t);
  const file = join(scratch(t), 'secret');
  writeFileSync(file, `${secret}\n`);
  const place = (url) => url.replace('http://', ''); // the bot is valid as it stands: its addresses begin with it
  return { receiver, bot: prepareBot(t, 'outside', { receiver: place(receiver.url), rasa: place(rasa), secret: file }) };
}

const sign = (time, body) => `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;

/// A text message of Ann's.
async function text(server, id, words) {
  const body = JSON.stringify({ id, from: { id: '+4915100' }, text: words });
  const time = Math.floor(Date.now() / 1000);
  return server.request('POST', '/channels/webhook/sms/activities', body, { key: null, headers: { 'interject-signature': sign(time, body) } });
}

test('a webhook gets what the bot says, signed, and a repeat is taken once', async (t) => {
  const { receiver, bot } = await world(t);
  const server = await Server.start(t, { bot });
  const first = await text(server, 'm-1', 'weather');
  assert.equal(first.status, 200);
  const again = await text(server, 'm-1', 'weather');
  assert.deepEqual(again.body, first.body);
  await eventually('it was posted', () => receiver.got.length === 1);
  const [activity] = receiver.got;
  assert.equal(activity.text, 'Sunny.');
  assert.equal(activity.recipient, '+4915100');
  assert.equal(activity.conversation, first.body.conversation);
  const header = receiver.headers[0]['interject-signature'];
  assert.equal(header, sign(/^t=(\d+)/.exec(header)[1], receiver.bodies[0]));
  assert.ok(!server.log.includes(secret));
  await eventually('it has left', async () => (await server.ok('GET', '/api/v1/webhooks/dead')).items.length === 0);
});

test('a receiver that fails and a server that dies lose nothing and keep the order', async (t) => {
  const { receiver, bot } = await world(t);
  let server = await Server.start(t, { bot });
  const heard = [];
  let failures = 2;
  receiver.answer = (body, response) => {
    if (failures-- > 0) return void response.writeHead(500).end();
    heard.push(body.text);
    response.writeHead(200).end();
  };
  for (const [id, words] of [['m-1', 'a trip'], ['m-2', 'yes'], ['m-3', 'weather']])
    assert.equal((await text(server, id, words)).status, 200);
  await eventually('the first try has failed', () => receiver.got.length === 1);
  await server.stop('SIGKILL');
  server = await Server.start(t, { bot, data: server.data });
  await eventually('it is tried again after the restart', () => receiver.got.length === 2);
  await eventually('the rest comes in order', async () => {
    await server.advance('2s');
    return heard.length === 4;
  });
  assert.deepEqual(heard, ['To .', 'Sure?\n1. Yes\n2. No', 'Booked.', 'Sunny.']);
});

test('a receiver that hangs is cut off, and what it answers late comes again', async (t) => {
  const { receiver, bot } = await world(t);
  const server = await Server.start(t, { bot });
  const late = [];
  receiver.answer = (body, response) => void late.push(response);
  await text(server, 'm-1', 'weather');
  await eventually('it hangs', () => late.length === 1);
  receiver.answer = (body, response) => response.writeHead(200).end();
  await eventually('it was cut off and tried again', async () => {
    await server.advance('2s');
    return receiver.got.length === 2;
  }, 30000);
  late[0].writeHead(200).end();
  assert.equal(receiver.got[1].id, receiver.got[0].id);
});

test('what is never taken becomes a dead letter that can be sent again', async (t) => {
  const { receiver, bot } = await world(t);
  const server = await Server.start(t, { bot });
  receiver.answer = (body, response) => response.writeHead(503).end();
  await text(server, 'm-1', 'weather');
  const dead = await eventually('it is given up', async () => {
    await server.advance('3m');
    const { items } = await server.ok('GET', '/api/v1/webhooks/dead');
    return items.length === 1 && items;
  });
  assert.equal(dead[0].channel, 'sms');
  assert.equal(dead[0].why, 'status 503');
  assert.equal(dead[0].tries, 6);
  assert.equal(dead[0].activity.text, 'Sunny.');
  receiver.answer = (body, response) => response.writeHead(200).end();
  const before = receiver.got.length;
  await server.advance('5m'); // its circuit rests by now
  assert.equal((await server.request('POST', `/api/v1/webhooks/dead/${dead[0].id}/resend`)).status, 204);
  await eventually('it was taken', async () => {
    await server.advance('10s');
    return receiver.got.length > before && (await server.ok('GET', '/api/v1/webhooks/dead')).items.length === 0;
  });
  assert.equal((await server.request('POST', `/api/v1/webhooks/dead/${dead[0].id}/resend`)).status, 404);
});

test('an erased conversation posts nothing more, and its dead letters go', async (t) => {
  const { receiver, bot } = await world(t);
  const server = await Server.start(t, { bot });
  receiver.answer = (body, response) => response.writeHead(503).end();
  const { body: { conversation } } = await text(server, 'm-1', 'weather');
  const dead = async () => (await server.ok('GET', '/api/v1/webhooks/dead')).items;
  const [letter] = await eventually('one is given up', async () => {
    await server.advance('3m');
    const items = await dead();
    return items.length === 1 && items;
  });
  await text(server, 'm-2', 'weather'); // waits behind it
  assert.equal((await server.request('DELETE', `/api/v1/conversations/${conversation}`)).status, 204);
  assert.deepEqual(await dead(), []);
  assert.equal((await server.request('POST', `/api/v1/webhooks/dead/${letter.id}/resend`)).status, 404);
  const before = receiver.got.length;
  for (let i = 0; i < 5; ++i) await server.advance('10m');
  assert.equal(receiver.got.length, before);
});

test('an answer of a recogniser begins the dialog, and without one the own phrases do', async (t) => {
  const rasa = await service(t);
  const { bot } = await world(t, { rasa: rasa.url });
  rasa.answer = (body, response) => {
    if (body.text === 'weather') return; // hangs
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      text: body.text, intent: { name: 'trip', confidence: 0.987654321012345 },
      entities: [{ entity: 'city', start: 0, end: 5, value: 'Paris', extractor: 'DIETClassifier' }],
      intent_ranking: [{ name: 'trip', confidence: 0.987654321012345 }, { name: 'weather', confidence: 0.0123 }],
    }));
  };
  const server = await Server.start(t, { bot });
  const ann = await Person.join(t, server);
  await ann.say('I long for the Eiffel tower');
  await ann.hears('Sure?');
  await ann.say('no');
  await ann.hears('Booked.');
  await ann.say('weather');
  await ann.hears('Sunny.');
  ann.said(`
    user> I long for the Eiffel tower
    bot> To Paris.
    bot> Sure? [Yes | No]
    user> no
    bot> Booked.
    user> weather
    bot> Sunny.`);
  assert.deepEqual(rasa.got.map((one) => one.text), ['I long for the Eiffel tower', 'weather']);
  assert.ok(rasa.got.every((one) => one.message_id));
  assert.deepEqual([...new Set(rasa.asked)], [`/in?token=${secret}`]);
  assert.ok(!server.log.includes(secret));
});
