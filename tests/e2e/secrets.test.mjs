// Secrets that a bot names by reference in the address, the headers and the body of a call: they arrive, and stand
// nowhere else, however the call ends and whatever its host says of them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Person } from './support/client.mjs';
import { Server, binary, eventually, freePort, keys, prepareBot, scratch } from './support/server.mjs';

// Each is looked for by the part that is written alike in an address, a header and a JSON text.
const secrets = { env: 'hush9a/in the+zigzag77"%', file: 'whisper3b=of\\murmur5c' };
const traces = ['hush9a', 'zigzag77', 'whisper3b', 'murmur5c'];
process.env.E2E_CALL_SECRET = keys.E2E_CALL_SECRET = secrets.env;
delete keys.E2E_NO_SUCH_SECRET;

/// A host that answers what `script` makes of each request, byte by byte; null: not at all.
async function host(t) {
  const it = { got: [], script: () => null };
  const server = net.createServer((socket) => {
    let bytes = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (more) => {
      bytes += more;
      const head = bytes.indexOf('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(bytes)?.[1] ?? 0);
      if (head < 0 || bytes.length < head + 4 + length) return;
      it.got.push(bytes);
      const answer = it.script(bytes);
      if (answer !== null) socket.end(answer);
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  it.address = `127.0.0.1:${server.address().port}`;
  return it;
}

const answer = (status, headers, body) =>
  `HTTP/1.1 ${status}\r\n${headers.map((h) => `${h}\r\n`).join('')}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
const bearer = (request) => /^authorization: (.*)\r$/im.exec(request)?.[1] ?? '';
const path = (request) => request.split(' ')[1];

/// How a call may end, and what the person may be told of it.
const ends = (it) => [
  { how: 'an error that echoes the request', script: (r) => answer('500 Sorry', [`X-Echo: ${bearer(r)}`, `ETag: "${bearer(r)}"`], r), says: 'status 500' },
  { how: 'a refusal whose status line echoes', script: (r) => answer(`403 No, ${bearer(r)}`, [`WWW-Authenticate: ${bearer(r)}`], r), says: 'status 403' },
  { how: 'a wait that echoes', script: (r) => answer('503 Later', [`Retry-After: ${bearer(r)}`], r), says: 'status 503' },
  { how: 'an answer that is no JSON', script: (r) => answer('200 OK', [], `not json: ${r}`), says: 'the answer is no JSON' },
  { how: 'an answer that is no HTTP', script: (r) => `${bearer(r)} ${r}`, says: /^the connection broke/ },
  { how: 'an answer that breaks off', script: (r) => `HTTP/1.1 200 OK\r\nX-Echo: ${bearer(r)}\r\nContent-Length: 100000\r\n\r\n${r}`, says: /^the connection broke/ },
  { how: 'an answer that is too large', script: (r) => answer('200 OK', [], r.repeat(Math.ceil(1100000 / r.length))), says: /^the answer is larger/ },
  { how: 'a redirect elsewhere', script: (r) => answer('307 Away', [`Location: http://elsewhere.test${path(r)}`], ''), says: /it redirects/ },
  { how: 'a redirect with the secret as a host', script: (r) => answer('302 Away', ['Location: http://hush9a.zigzag77.test/'], r), says: /it redirects/ },
  { how: 'a redirect to no address', script: (r) => answer('302 Away', [`Location: http://[${bearer(r)}`], r), says: /it redirects/ },
  { how: 'a redirect in a circle', script: (r) => answer('307 Around', [`Location: http://${it.address}${path(r)}`], r), says: 'status 307' },
];

/// Everything in a folder.
function stored(folder) {
  let all = '';
  for (const entry of readdirSync(folder)) {
    const at = join(folder, entry);
    all += statSync(at).isDirectory() ? stored(at) : readFileSync(at, 'latin1');
  }
  return all;
}

function isSilent(what, text) {
  for (const trace of traces)
    assert.ok(!text.toLowerCase().includes(trace), `${what} tells "${trace}": ${text.slice(Math.max(0, text.toLowerCase().indexOf(trace) - 200), text.toLowerCase().indexOf(trace) + 200)}`);
}

async function world(t) {
  const it = await host(t);
  const file = join(scratch(t), 'key');
  writeFileSync(file, `${secrets.file}\n`);
  const bot = prepareBot(t, 'secrets', { SERVICE: it.address, NOBODY: `127.0.0.1:${await freePort()}`, FILE: file });
  return { it, bot, args: ['--log-level', 'debug'] };
}

/// Looks wherever the server shows or keeps anything.
async function staysSilent(server, ann) {
  isSilent('the chat', JSON.stringify(ann.heard));
  isSilent('the log', server.log);
  isSilent('the metrics', (await server.request('GET', '/metrics')).body);
  isSilent('the conversation', JSON.stringify(await server.conversation(ann.conversation)));
  const everything = await server.ok('GET', `/api/v1/users/${ann.user}`);
  isSilent('the person', JSON.stringify(everything));
  const notices = everything.conversations.flatMap((c) => c.notifications);
  for (const { id } of notices) {
    isSilent(`the trail of ${id}`, JSON.stringify(await server.ok('GET', `/api/v1/notifications/${id}`)));
    isSilent(`the explanation of ${id}`, execFileSync(binary, ['explain', '--url', server.base, id], { env: keys, encoding: 'utf8' }));
  }
  isSilent('the data folder', stored(server.data));
  return notices;
}

test('secrets arrive where they are sent and are told nobody, however a call ends', async (t) => {
  const { it, bot, args } = await world(t);
  const server = await Server.start(t, { bot, args });
  const ann = await Person.join(t, server);
  let news = 0;
  for (const { how, script, says } of ends(it)) {
    it.script = () => answer('200 OK', [], '{"answer":1}'); // so that its circuit stays closed
    await ann.say('wait');
    await ann.hears('Over.');
    it.script = script;
    for (const words of ['wait', 'go on']) {
      const before = ann.heard.length;
      const said = () => ann.heard.slice(before).filter((a) => a.from.role !== 'user').map((a) => a.text);
      await ann.say(words);
      const told = await eventually(`${words}: ${how}: ${said()}`, async () => {
        await server.advance('100ms'); // the rest before its second try
        return said().find((line) => /^(Failed|Late|It has)/.test(line));
      });
      const reason = told.replace(/^(Failed|Late|It has \w+): /, '');
      assert.ok(says instanceof RegExp ? says.test(reason) : reason.startsWith(says), `${how}: ${told}`);
      news += words === 'go on';
      if (words === 'wait') await ann.hears('Over.');
      else await server.advance('1m'); // for the budget
    }
  }
  const [first] = it.got;
  assert.ok(first.includes(`Authorization: Bearer ${secrets.env}\r\n`), first);
  assert.ok(first.includes(`X-Key: ${secrets.file}\r\n`), first);
  assert.deepEqual(JSON.parse(first.slice(first.indexOf('\r\n\r\n'))), { token: secrets.env, key: secrets.file });
  const address = new URL(path(first), 'http://x');
  assert.equal(decodeURIComponent(address.pathname), `/in/${secrets.env}`);
  assert.equal(address.searchParams.get('key'), secrets.file);
  assert.equal((await staysSilent(server, ann)).length, news);
});

test('a call that is refused, late, short of a secret or fails its dialog tells nobody', async (t) => {
  const { it, bot, args } = await world(t);
  const server = await Server.start(t, { bot, args });
  const ann = await Person.join(t, server);
  await ann.say('call nobody');
  await ann.hears('Failed: no connection: Connection refused');
  await ann.say('forget');
  await ann.hears('Failed: the secret ${env:E2E_NO_SUCH_SECRET} is not set');
  it.script = () => null;
  await ann.say('wait');
  await eventually('it hangs', () => it.got.length === 1);
  await server.advance('5m');
  await ann.hears('Late: it took too long');
  it.script = (request) => answer('500 Sorry', [`X-Echo: ${bearer(request)}`], request);
  await ann.say('stumble');
  await ann.sees('the apology', (a) => a.from.role !== 'user' && /went wrong|sorry/i.test(a.text));
  assert.match(server.log, /dialog\.failed/);
  await staysSilent(server, ann);
});

test('a call that a crash cuts off stands in the database by reference', async (t) => {
  const { it, bot, args } = await world(t);
  let server = await Server.start(t, { bot, args });
  const ann = await Person.join(t, server);
  await ann.say('go on');
  await eventually('it is under way', () => it.got.length === 1);
  await staysSilent(server, ann);
  await server.stop('SIGKILL');
  isSilent('the data folder', stored(server.data));
  assert.ok(stored(server.data).includes('env:E2E_CALL_SECRET'));
  it.script = (request) => answer('200 OK', [], '{"answer":1}');
  const log = server.log;
  server = await Server.start(t, { bot, args, data: server.data });
  await eventually('it is repeated', () => it.got.length === 2);
  assert.ok(it.got[1].includes(secrets.env));
  isSilent('the log', log + server.log);
});
