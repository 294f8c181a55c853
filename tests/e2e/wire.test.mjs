// Direct Line as clients rely on it: watermarks, reconnection, repeats, the end of the server and its return.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Person } from './support/client.mjs';
import { Server, prepareBot } from './support/server.mjs';
import { Line, Stream } from './support/stream.mjs';

const words = (activities) => activities.map((activity) => activity.text);

test('a stream replays exactly what follows its watermark, one activity a frame', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const first = await Stream.open(t, line.streamUrl);
  await line.say('A trip to Rome');
  await first.until(2);
  const { watermark } = first.frames.find((frame) => frame.activities[0].text === 'How many nights in Rome?');
  first.socket.close();
  await line.say('2');
  await line.say('yes');

  const second = await Stream.open(t, await line.reconnect(watermark));
  assert.deepEqual(words(await second.until(4)),
    ['2', 'Shall I book 2 nights in Rome?', 'yes', 'Booked: 2 nights in Rome.']);
  assert.ok(second.frames.every((frame) => frame.activities.length === 1));
  // What is said next comes once, on the same stream.
  await line.say('Hello');
  assert.deepEqual(words(await second.until(6)).slice(4), ['Hello', 'I book trips and watch hotels.']);

  const third = await Stream.open(t, await line.reconnect(''));
  assert.deepEqual(await third.until(8), [...first.activities, ...second.activities]);
  const polled = await line.poll(watermark);
  assert.deepEqual(polled.body.activities, second.activities);
  assert.equal((await line.poll(polled.body.watermark)).body.activities.length, 0);
});

test('the echo carries id and clientActivityID, and a repeat is answered like the first time', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  const once = await line.say('A trip to Rome', 'c-1');
  const again = await line.say('A trip to Rome', 'c-1');
  assert.equal(once.status, 200);
  assert.deepEqual(again.body, once.body);
  await line.say('2', 'c-2');
  const heard = await stream.until(4);
  assert.deepEqual(words(heard), ['A trip to Rome', 'How many nights in Rome?', '2', 'Shall I book 2 nights in Rome?']);
  assert.equal(heard[0].id, once.body.id);
  assert.equal(heard[0].channelData.clientActivityID, 'c-1');
  assert.equal(heard[0].from.id, 'dl_bob');
  assert.equal(heard[0].conversation.id, line.conversation);
  assert.equal(heard[1].replyToId, once.body.id);
});

test("a token's user stands in place of what the client calls itself", async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  await line.post({ type: 'message', text: 'Hello', from: { id: 'dl_eve' } });
  const { activities } = (await line.poll()).body;
  assert.equal(activities[0].from.id, 'dl_bob');
});

test('a proactive message carries no replyToId, and a repeated notification is said once', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  await line.say('A trip to Rome');
  await stream.until(2);
  await server.advance('3s');
  const notice = { id: 'rain-1', to: { user: 'dl_bob' }, delivery: 'ad_hoc', text: 'It rains in Rome.' };
  const first = await server.notify(notice);
  const second = await server.notify(notice);
  assert.deepEqual([first.decision.action, first.decision.code], ['sent', 'adhoc']);
  assert.deepEqual([second.decision.action, second.decision.code], ['sent', 'adhoc']);
  await line.say('2');
  const heard = await stream.until(5);
  assert.deepEqual(words(heard).slice(2), ['It rains in Rome.', '2', 'Shall I book 2 nights in Rome?']);
  assert.equal(heard[2].replyToId, undefined);
});

test('a client that polls, and one that holds the secret, are served alike', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const ann = await Person.join(t, server, { webSocket: false, pollingInterval: 200, secret: true });
  await ann.say('A trip to Oslo');
  await ann.hears('How many nights in Oslo?');
  await ann.say('1');
  await ann.hears('Shall I book 1 night in Oslo?');
  ann.said(`
    user> A trip to Oslo
    bot> How many nights in Oslo?
    user> 1
    bot> Shall I book 1 night in Oslo? [Yes | No]`);
});

test('a browser may ask: the preflight names the headers of the client library', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const answer = await server.request('OPTIONS', '/v3/directline/conversations', undefined, {
    key: '', headers: { origin: 'http://shop.test', 'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-ms-bot-agent,x-requested-with' },
  });
  assert.ok([200, 204].includes(answer.status));
  assert.ok(['*', 'http://shop.test'].includes(answer.headers.get('access-control-allow-origin')));
  const allowed = answer.headers.get('access-control-allow-headers').toLowerCase().split(/ *, */).sort();
  assert.deepEqual(allowed, ['authorization', 'content-type', 'x-ms-bot-agent', 'x-requested-with']);
});

test('SIGTERM closes streams with 1001 and ends with 0; a restart goes on at the very step', async (t) => {
  const bot = prepareBot(t, 'travel');
  const before = await Server.start(t, { bot });
  const line = await Line.begin(before, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  await line.say('A trip to Rome');
  await line.say('2');
  await stream.until(4);
  const ended = await before.stop('SIGTERM');
  assert.deepEqual(ended, { code: 0, signal: null }, before.log);
  assert.equal(await stream.closed, 1001);

  const after = await Server.start(t, { bot, data: before.data });
  line.server = after;
  assert.deepEqual((await line.poll()).body.activities, stream.activities);
  await line.say('yes');
  const { activities } = (await line.poll()).body;
  assert.deepEqual(words(activities).slice(4), ['yes', 'Booked: 2 nights in Rome.']);
});

test('the client library comes back by itself after kill -9, and nothing is lost or doubled', async (t) => {
  const bot = prepareBot(t, 'travel');
  const before = await Server.start(t, { bot });
  const ann = await Person.join(t, before, { services: { random: () => 0 } }); // waits 3 s, its least
  await ann.say('A trip to Oslo');
  await ann.hears('How many nights in Oslo?');
  await before.stop('SIGKILL');
  const after = await Server.start(t, { bot, data: before.data, port: before.port });
  await ann.say('1');
  await ann.hears('Shall I book 1 night in Oslo?');
  ann.said(`
    user> A trip to Oslo
    bot> How many nights in Oslo?
    user> 1
    bot> Shall I book 1 night in Oslo? [Yes | No]`);
  assert.equal((await after.conversation(ann.conversation)).stack[0].step, 'confirm');
});

test('a reminder that came due while nobody ran is said once', async (t) => {
  const bot = prepareBot(t, 'pizza');
  const before = await Server.start(t, { bot });
  const line = await Line.begin(before, 'dl_bob');
  await line.say('A pizza please');
  await before.stop('SIGKILL');
  const after = await Server.start(t, { bot, data: before.data });
  line.server = after;
  const stream = await Stream.open(t, (await line.reconnect('')).replace(String(before.port), String(after.port)));
  await after.advance('1m');
  const heard = await stream.until(3);
  await line.say('olives');
  await stream.until(5);
  assert.deepEqual(words(stream.activities),
    ['A pizza please', 'What pizza toppings would you want?', 'The oven is hot.', 'olives', 'One pizza with olives.']);
  assert.equal(heard[2].replyToId, undefined);
});

test('a server with too much to do refuses streams by 503 and keeps those that it has taken', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel'), args: ['--max-requests', '1'] });
  const urls = [];
  for (let i = 0; i < 16; ++i) {
    const line = await Line.begin(server, `dl_${i}`);
    assert.equal((await line.say('A trip to Rome')).status, 200);
    urls.push(await line.reconnect(''));
  }
  const open = async (url) => {
    for (;;)
      try {
        return await Stream.open(t, url);
      } catch (error) {
        assert.match(error.message, /503/);
      }
  };
  const streams = await Promise.all(urls.map(open));
  for (const stream of streams)
    assert.deepEqual(words(await stream.until(2)), ['A trip to Rome', 'How many nights in Rome?']);
  assert.doesNotMatch(server.log, /stream\.read_failed/);
});
