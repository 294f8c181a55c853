// What the runs beside webhooks share: their options, chances of a seed, a receiver and a service on loopback, the server
// with its bot, people who write on the webhook's channel, and how such a run ends.
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server, freePort, pause } from './server.mjs';

const channelSecret = 'chaos-webhook-secret-0123456789';
/// Of a channel in a bot.
export const secretReference = '${env:CHAOS_WEBHOOK}';
export const address = (server) => `127.0.0.1:${server.address().port}`;
const sign = (time, body) => createHmac('sha256', channelSecret).update(`${time}.${body}`).digest('hex');

/// `numbers`: the options besides --binary and --seed, with their defaults.
export function options(numbers) {
  const texts = { binary: 'build/release/interject', seed: String(Math.floor(Math.random() * 2 ** 31)) };
  for (const [name, usually] of Object.entries(numbers)) texts[name] = String(usually);
  const { values } = parseArgs({ options: Object.fromEntries(Object.entries(texts).map(([name, usually]) => [name, { type: 'string', default: usually }])) });
  return { ...Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)])), binary: values.binary };
}

export function chances(seed) {
  let state = seed; // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function serve(handle) {
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    handle(request, response, body);
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

/// Whether the webhook's receiver was sent this by the server.
export function isSigned(request, body) {
  const [, time, signature] = /^t=(\d+),v1=(.*)$/.exec(request.headers['interject-signature']) ?? [];
  return signature === sign(time, body);
}

/// A run by name: its server, which is not started yet, and its end.
export async function prepare(name, binary, bot) {
  const folder = mkdtempSync(join(tmpdir(), `interject-${name}-`));
  mkdirSync(join(folder, 'bot'));
  writeFileSync(join(folder, 'bot/bot.json'), JSON.stringify({ id: name, locales: ['en'], ...bot }));
  const server = new Server(binary, join(folder, 'bot'), join(folder, 'data'), await freePort(), { env: { CHAOS_WEBHOOK: channelSecret } });
  return {
    server,
    fail(error) {
      console.error(error, server.log.slice(-3000));
      console.log('0 passed, 1 failed');
      server.process?.kill('SIGKILL');
      process.exit(1);
    },
    /// `passed`: how many things were shown when there is no complaint.
    async close(complaints, passed, others) {
      complaints.slice(0, 10).forEach((line) => console.log(`    ${line}`));
      console.log(complaints.length ? '0 passed, 1 failed' : `${passed} passed, 0 failed`);
      for (const each of others) {
        each.closeAllConnections();
        each.close();
      }
      rmSync(folder, { recursive: true, force: true });
      process.exitCode = complaints.length ? 1 : 0;
    },
  };
}

/// A person's text on the webhook's channel: the same again under its id until it was acknowledged.
export async function say(server, user, id, words) {
  const body = JSON.stringify({ id, from: { id: user }, text: words });
  for (const end = Date.now() + 60000; Date.now() < end; await pause(10)) {
    const answer = await server.ready.then(() => {
      const time = Math.floor(Math.max(server.now, Date.now()) / 1000);
      return fetch(`${server.base}/channels/webhook/sms/activities`, { method: 'POST', body,
        headers: { 'content-type': 'application/json', 'interject-signature': `t=${time},v1=${sign(time, body)}` } });
    }).catch(() => null);
    if (answer?.status === 200) return;
    if (answer && ![429, 503].includes(answer.status)) throw new Error(`"${words}": ${answer.status} ${await answer.text()}`);
  }
  throw new Error(`"${words}" was never acknowledged`);
}
