// The server under test: started and killed again and again on one port and one data folder, on the test clock.
import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';

export const apiKey = 'chaos-api-key-0123456789abcdef';
export const secret = 'chaos-directline-secret-0123456789';
export const longestStep = 10000; // ms, of the test clock
export const pause = (ms) => new Promise((next) => setTimeout(next, ms));

export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/// The service that the bot calls: says the last part of the path back after a while, so that kills meet calls.
export function startService(random) {
  const server = http.createServer((request, response) => {
    ++server.calls;
    ++server.open;
    response.on('close', () => --server.open);
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ word: request.url.split('/').pop() }));
    }, 100 * random());
  });
  Object.assign(server, { calls: 0, open: 0 });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export class Server {
  constructor(binary, bot, data, port, { args = [], env = {} } = {}) {
    Object.assign(this, { binary, bot, data, port, args, env, log: '', now: 0, ready: Promise.resolve() });
    this.base = `http://127.0.0.1:${port}`;
  }

  start() {
    return (this.ready = this.launch());
  }

  async launch() {
    const process_ = spawn(this.binary, ['serve', '--bot', this.bot, '--data', this.data,
      '--listen', `127.0.0.1:${this.port}`, '--test-clock', ...this.args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.env, INTERJECT_API_KEY: apiKey, INTERJECT_DIRECTLINE_SECRET: secret },
    });
    process_.stderr.on('data', (bytes) => (this.log = (this.log + bytes).slice(-20000)));
    this.process = process_;
    this.over = new Promise((resolve) => process_.on('exit', (code, signal) => resolve({ code, signal })));
    let ended;
    this.over.then((how) => (ended = how));
    for (const end = Date.now() + 30000; ; await pause(5)) {
      if (ended || Date.now() > end) throw new Error(`the server did not start: ${JSON.stringify(ended)}\n${this.log}`);
      if (await fetch(`${this.base}/readyz`).then((r) => r.ok, () => false)) break;
    }
    // A fresh process begins at the wall clock, and time must not run backwards: nobody else is let in before it is as
    // late as it was, the last step included, whose answer may have got lost.
    const { body } = await this.fetch('POST', '/api/v1/test/clock', { advance: '1ms' }, apiKey);
    const behind = this.now + longestStep - Date.parse(body.now);
    if (behind > 0) await this.fetch('POST', '/api/v1/test/clock', { advance: `${behind}ms` }, apiKey);
  }

  kill(signal = 'SIGKILL') {
    this.process.kill(signal);
    return this.over;
  }

  async once(method, path, body, key = apiKey) {
    await this.ready;
    return this.fetch(method, path, body, key);
  }

  async fetch(method, path, body, key) {
    const answer = await fetch(this.base + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  }

  /// Repeats until the server has answered; 429 and 503 ask for a repeat themselves.
  async again(method, path, body, key) {
    for (const end = Date.now() + 60000; ; await pause(10)) {
      const answer = await this.once(method, path, body, key).catch((error) => ({ status: 0, body: String(error) }));
      if (![0, 429, 503].includes(answer.status)) return answer;
      if (Date.now() > end) throw new Error(`${method} ${path}: no answer for a minute, ${answer.status}\n${this.log}`);
    }
  }

  async advance(ms) {
    const { status, body } = await this.once('POST', '/api/v1/test/clock', { advance: `${ms}ms` });
    if (status === 200) this.now = Math.max(this.now, Date.parse(body.now));
  }
}
