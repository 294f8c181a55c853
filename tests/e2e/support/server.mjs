// Starts the release binary on a data folder of its own and talks to its management API. It is ended by its process
// id, and whatever a test forgets to stop is stopped when the test ends.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contract } from './contract.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
export const binary = process.env.INTERJECT_BINARY ?? join(here, '../../../build/release/interject');
export const apiKey = 'test-api-key-0123456789abcdef';
export const directlineSecret = 'test-directline-secret-0123456789';
export const keys = {
  ...process.env,
  INTERJECT_API_KEY: apiKey,
  INTERJECT_DIRECTLINE_SECRET: directlineSecret,
  INTERJECT_STOP_GRACE: '0s', // there is no load balancer to wait for
};

/// A folder that is gone when the test is over.
export function scratch(t) {
  const folder = mkdtempSync(join(tmpdir(), 'interject-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// Copies an example bot, `{{NAME}}` in its files replaced from `words`.
export function prepareBot(t, name, words = {}) {
  const folder = join(scratch(t), name);
  cpSync(join(here, '../bots', name), folder, { recursive: true });
  const fill = (at) => {
    for (const entry of readdirSync(at)) {
      const path = join(at, entry);
      if (statSync(path).isDirectory()) fill(path);
      else writeFileSync(path, readFileSync(path, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, w) => words[w]));
    }
  };
  fill(folder);
  return folder;
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/// Polls until `test` gives something true; the limit only ends a test that has already failed.
export async function eventually(what, test, limit = 15000) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await test();
    if (found) return found;
    if (Date.now() > end) throw new Error(`did not come true: ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

export class Server {
  /// `bot` and `data` are folders; a second server on the same `data` is a restart.
  static async start(t, { bot, data = scratch(t), port, testClock = true, args = [] }) {
    const server = new Server();
    server.data = data;
    server.log = '';
    server.port = port ?? (await freePort());
    server.base = `http://127.0.0.1:${server.port}`;
    server.directline = `${server.base}/v3/directline`;
    const line = ['serve', '--bot', bot, '--data', data, '--listen', `127.0.0.1:${server.port}`, ...args];
    if (testClock) line.push('--test-clock');
    server.process = spawn(binary, line, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: keys,
    });
    server.process.stdout.on('data', (bytes) => (server.log += bytes));
    server.process.stderr.on('data', (bytes) => (server.log += bytes));
    server.over = new Promise((resolve) => {
      server.process.on('error', (error) => resolve({ error }));
      server.process.on('exit', (code, signal) => resolve({ code, signal }));
    });
    server.over.then((how) => (server.ended = how));
    t.after(() => server.stop('SIGKILL'));
    await eventually(`the server answers\n${server.log}`, () => {
      if (server.ended) throw new Error(`the server ended: ${JSON.stringify(server.ended)}\n${server.log}`);
      return fetch(`${server.base}/readyz`).then((r) => r.ok, () => false);
    });
    server.contract = await Contract.of(server.base);
    return server;
  }

  stop(signal = 'SIGTERM') {
    if (!this.ended) this.process.kill(signal);
    return this.over;
  }

  /// A request: {status, body, headers}. `body` is JSON, or a string sent as it is. Every answer must be as the
  /// server's own OpenAPI document describes it.
  async request(method, path, body, { key = apiKey, type = 'application/json', headers = {} } = {}) {
    const answer = await fetch(this.base + path, {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    return this.read(method, path, answer);
  }

  /// Posts a form.
  async form(path, form, key) {
    const answer = await fetch(this.base + path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: form });
    return this.read('POST', path, answer);
  }

  async read(method, path, answer) {
    const text = await answer.text();
    const json = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
    const got = { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
    this.contract.check(method, path, got);
    return got;
  }

  async ok(method, path, body) {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  advance(by) {
    return this.ok('POST', '/api/v1/test/clock', { advance: by });
  }

  price(symbol, price) {
    return this.ok('POST', '/api/v1/prices', { samples: [{ symbol, price }] });
  }

  notify(notification) {
    return this.ok('POST', '/api/v1/notifications', notification);
  }

  conversation(id) {
    return this.ok('GET', `/api/v1/conversations/${encodeURIComponent(id)}`);
  }

  /// A user's token for a conversation of its own.
  async token(user) {
    const answer = await this.request('POST', '/v3/directline/tokens/generate', { user: { id: user } },
      { key: directlineSecret });
    if (answer.status !== 200) throw new Error(`tokens/generate: ${answer.status}`);
    return answer.body;
  }
}
