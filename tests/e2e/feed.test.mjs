// Prices that the server fetches itself: a source on loopback that answers well, badly, too much and from elsewhere.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Person } from './support/client.mjs';
import { Server, eventually, freePort, prepareBot } from './support/server.mjs';

const quotes = (seq, price) => JSON.stringify({ data: { quotes: [{ id: 'ACME', last: { usd: price }, n: seq }, { id: 'NONE' }] } });

/// A source whose `answer(request, response)` a test may change; keeps what it was asked.
async function source(t) {
  const it = { asked: [], answer: (request, response) => response.writeHead(200).end(quotes(1, 120)) };
  const server = http.createServer((request, response) => {
    it.asked.push({ path: request.url, headers: request.headers });
    it.answer(request, response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => { server.closeAllConnections(); server.close(); });
  it.host = `127.0.0.1:${server.address().port}`;
  return it;
}

async function world(t, from) {
  const server = await Server.start(t, { bot: prepareBot(t, 'feed', { host: from.host, source: from.host }) });
  await eventually('it is asked at the start', () => from.asked.length === 1);
  return server;
}

const failures = (server) => (server.log.match(/feed\.failed/g) ?? []).length;

async function watching(t, server) {
  const ann = await Person.join(t, server);
  await ann.say('watch ACME');
  await ann.hears('Watching ACME.');
  return ann;
}

const told = (person) => person.heard.map(({ text }) => text);

/// The clock goes on until it is asked again.
async function askedAgain(server, from) {
  const before = from.asked.length;
  await eventually('it is asked again', async () => {
    await server.advance('1s');
    return from.asked.length > before;
  });
}

test('a feed is read by its pointers at its interval, and an unchanged answer is no price', async (t) => {
  const from = await source(t);
  from.answer = (request, response) => response.writeHead(200, { etag: '"one"' }).end(quotes(1, 120));
  const server = await world(t, from);
  await eventually('what cannot be used is said', () => server.log.includes('feed.unusable'));
  const ann = await watching(t, server);
  from.answer = (request, response) => response.writeHead(304).end();
  await server.advance('4s');
  assert.equal(from.asked.length, 1);
  await askedAgain(server, from);
  assert.equal(from.asked[1].headers['if-none-match'], '"one"');
  assert.equal(from.asked[1].headers['x-desk'], 'test');
  from.answer = (request, response) => response.writeHead(200, { etag: '"two"' }).end(quotes(2, '99.50'));
  await askedAgain(server, from);
  await ann.hears('ACME is at 99.5.');
  // A repeat of an old sequence number is no price either.
  from.answer = (request, response) => response.writeHead(200).end(quotes(2, 120));
  await askedAgain(server, from);
  from.answer = (request, response) => response.writeHead(200).end(quotes(3, 99));
  await askedAgain(server, from);
  from.answer = (request, response) => response.writeHead(200).end(quotes(4, 101));
  await askedAgain(server, from);
  from.answer = (request, response) => response.writeHead(200).end(quotes(5, 98));
  await askedAgain(server, from);
  await ann.hears('ACME is at 98.');
  assert.ok(told(ann).every((text) => text !== 'ACME is at 99.'));
});

test('a feed that fails is asked less and less often, and who watches hears that it is stale, once', async (t) => {
  const from = await source(t);
  const server = await world(t, from);
  const ann = await watching(t, server);
  from.answer = (request, response) => response.writeHead(503).end();
  await askedAgain(server, from);
  await eventually('it has failed', () => failures(server) === 1);
  await server.advance('8s'); // the pause has doubled, less a tenth at most
  assert.equal(from.asked.length, 2);
  await server.advance('2s');
  await eventually('it has failed again', () => failures(server) === 2);
  await server.advance('17s');
  assert.equal(from.asked.length, 3);
  await server.advance('3s');
  await eventually('it has failed thrice', () => failures(server) === 3);
  const stale = 'No price of ACME comes in any more.';
  await eventually('it is told', async () => {
    await server.advance('30s');
    return told(ann).includes(stale);
  });
  await server.advance('10m');
  from.answer = (request, response) => response.writeHead(200).end(quotes(7, 90));
  await eventually('the price is back', async () => {
    await server.advance('1m');
    return told(ann).includes('ACME is at 90.');
  });
  assert.equal(told(ann).filter((text) => text === stale).length, 1);
});

for (const [name, answer, why] of [
  ['an answer over the limit', (request, response) => response.writeHead(200).end(`[${'1,'.repeat(4_000_000)}1]`), /larger than 1048576 bytes/],
  ['no JSON', (request, response) => response.writeHead(200).end('<html>'), /no JSON/],
  ['a list that is not there', (request, response) => response.writeHead(200).end('{"data":{}}'), /no list/],
  ['a redirect', (request, response) => response.writeHead(302, { location: '/elsewhere' }).end(), /302/],
])
  test(`${name} is a failure, and the next answer is read`, async (t) => {
    const from = await source(t);
    const server = await world(t, from);
    const ann = await watching(t, server);
    from.answer = answer;
    await askedAgain(server, from);
    await eventually('it has failed', () => failures(server) === 1);
    assert.match(/feed\.failed.*/.exec(server.log)[0], why);
    from.answer = (request, response) => response.writeHead(200).end(quotes(2, 80));
    await askedAgain(server, from);
    await ann.hears('ACME is at 80.');
    assert.ok(from.asked.every(({ path }) => path === '/quotes'));
  });

test('a source whose host is not named is not asked', async (t) => {
  const from = await source(t);
  const server = await Server.start(t, { bot: prepareBot(t, 'feed', { host: 'example.test', source: from.host }) });
  await eventually('it is refused', () => failures(server) === 1);
  assert.match(/feed\.failed.*/.exec(server.log)[0], /host/);
  assert.equal(from.asked.length, 0);
});

test('another version of the bot has its own feeds, and may name other hosts', async (t) => {
  const from = await source(t), other = await source(t);
  const bot = prepareBot(t, 'feed', { host: from.host, source: from.host });
  const server = await Server.start(t, { bot });
  await eventually('it is asked at the start', () => from.asked.length === 1);
  const ann = await watching(t, server);
  other.answer = (request, response) => response.writeHead(200).end(quotes(2, 70));
  const file = join(bot, 'bot.json');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from.host, other.host));
  assert.equal((await server.ok('POST', '/api/v1/reload')).changed, true);
  await eventually('the new source is asked', () => other.asked.length === 1);
  await server.advance('3s');
  await ann.hears('ACME is at 70.');
  const asked = from.asked.length;
  await askedAgain(server, other);
  assert.equal(from.asked.length, asked);
});

test('the demo invents prices for its bot, and answers slowly', async (t) => {
  const from = await source(t);
  const slow = `127.0.0.1:${await freePort()}`;
  const server = await Server.start(t, {
    bot: prepareBot(t, 'feed', { host: from.host, source: from.host }), testClock: false, args: ['--demo', '--demo-listen', slow] });
  const ann = await Person.join(t, server);
  for (const symbol of ['HOTEL-LV', 'MSFT', 'GOOG']) {
    const { id } = await server.ok('POST', '/api/v1/watches', {
      conversation: ann.conversation, symbol, when: { falls_to: 1000000, first_sample: true }, notify: { delivery: 'ad_hoc', text: `${symbol} has a price.` } });
    await eventually(`a price of ${symbol}`, async () => (await server.ok('GET', `/api/v1/watches/${id}`)).firings === 1);
  }
  const answer = await fetch(`http://${slow}/slow?seconds=0`);
  assert.deepEqual(await answer.json(), { pages: 12 });
  assert.match(server.log, /demo\.feed_started/);
});
