// One reader with one page: a scratch home, a shell that remembers where it is, terminals, and a server whose clock the
// test moves. The page's `interject` is the release binary, on a port and a clock of the test's own.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { differentJson, differentText } from './compare.mjs';
import { Terminal } from './terminal.mjs';

const wrapper = `#!/usr/bin/env bash
case \${1:-} in
  serve) shift; exec "$DOCS_BINARY" serve --listen "$DOCS_ADDRESS" --test-clock "$@" ;;
  chat | notify | explain) program=$1; shift; exec "$DOCS_BINARY" "$program" --url "http://$DOCS_ADDRESS" "$@" ;;
esac
exec "$DOCS_BINARY" "$@"
`;

async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class Session {
  static async open(repository, binary) {
    const session = new Session();
    session.home = mkdtempSync(join(tmpdir(), 'interject-docs-'));
    session.address = `127.0.0.1:${await freePort()}`;
    session.repository = repository;
    session.cwd = repository;
    session.terminals = new Map();
    session.bin = join(session.home, '.bin');
    mkdirSync(session.bin);
    writeFileSync(join(session.bin, 'interject'), wrapper);
    chmodSync(join(session.bin, 'interject'), 0o755);
    session.env = {
      ...process.env,
      CCACHE_DIR: process.env.CCACHE_DIR ?? join(process.env.HOME ?? '/root', '.cache/ccache'),
      HOME: session.home, DOCS_BINARY: binary, DOCS_ADDRESS: session.address,
      INTERJECT_DEMO_LISTEN: `127.0.0.1:${await freePort()}`, LC_ALL: 'C.UTF-8',
    };
    for (const name of ['INTERJECT_API_KEY', 'INTERJECT_DIRECTLINE_SECRET']) delete session.env[name];
    return session;
  }

  here(text) {
    return text.replaceAll('127.0.0.1:8080', this.address);
  }

  /// Runs one block. Gives what is wrong, or nothing.
  async run(block) {
    const { kind, words, options } = block;
    const text = this.here(block.text);
    if (kind === 'note') return this.note(...words);
    if (kind === 'json' && options.file) return this.write(options.file, text);
    if (kind === 'json' && words.includes('answer')) return differentJson(JSON.parse(text), JSON.parse(this.printed));
    if (kind === 'json') return void JSON.parse(text);
    if (kind === 'output') return differentText(text, this.printed);
    if (kind === 'sh' && options.terminal) return this.openTerminal(options.terminal, text);
    if (kind === 'sh') return this.shell(text, Number(options.exit ?? 0));
    if (kind === 'transcript') return this.terminal(options.terminal).play(text);
    if (options.from) return this.excerpt(options.from, block.text);
    if (words.includes('shown')) return undefined;
    return `\`\`\`${kind} is not run; if it is only to be seen, say so with \`shown\``;
  }

  write(file, text) {
    const path = join(this.cwd, file);
    if (!path.startsWith(this.home)) return `${path} is not in the scratch home`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text + '\n');
    return undefined;
  }

  excerpt(file, text) {
    return readFileSync(join(this.repository, file), 'utf8').includes(text) ? undefined : `${file} has no such lines`;
  }

  shell(text, code) {
    const state = join(this.home, '.state');
    // What a shell remembers from one command to the next: where it is, its variables and functions.
    const keep = `pwd > "${state}.cwd"; { declare -p KEY 2>/dev/null || true; declare -f; } > "${state}.sh"; env -0 > "${state}.env"`;
    const script = `set -e -o pipefail\n[ ! -e "${state}.sh" ] || . "${state}.sh"\ntrap '${keep}' EXIT\n${text}\n`;
    const done = spawnSync('bash', ['-c', `exec 2>&1\n${script}`], {
      cwd: this.cwd, env: this.path(), encoding: 'utf8', timeout: 600000,
    });
    this.printed = done.stdout;
    this.cwd = readFileSync(`${state}.cwd`, 'utf8').trimEnd();
    for (const entry of readFileSync(`${state}.env`, 'utf8').split('\0').filter(Boolean))
      this.env[entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
    if (done.status === code) return undefined;
    return `ended with ${done.status ?? done.signal}, expected ${code}\n${done.stdout}`;
  }

  path() {
    return { ...this.env, PATH: `${this.bin}:${this.env.PATH}` };
  }

  async openTerminal(name, text) {
    const before = this.terminals.get(name);
    if (before && !before.ended) return `the terminal "${name}" still runs something`;
    const opened = new Terminal(text, this.cwd, this.path());
    this.terminals.set(name, opened);
    if (!/\binterject serve\b/.test(text)) return undefined;
    for (const end = Date.now() + 30000; Date.now() < end && !opened.ended; await new Promise((next) => setTimeout(next, 20)))
      if (await fetch(`http://${this.address}/readyz`).then((answer) => answer.ok, () => false)) return undefined;
    return `the server is not ready\n${opened.log}`;
  }

  terminal(name) {
    const found = this.terminals.get(name);
    if (!found) throw new Error(`there is no terminal "${name}"`);
    return found;
  }

  async note(what, whom) {
    if (what === 'advance') return this.advance(whom);
    const terminal = this.terminal(whom);
    if (what === 'ctrl-c') terminal.signal('SIGINT');
    else if (what === 'ctrl-d') terminal.process.stdin.end();
    else return `unknown note to the test: ${what}`;
    const timer = setTimeout(() => terminal.signal('SIGKILL'), 20000);
    const { code, signal } = await terminal.over;
    clearTimeout(timer);
    if (terminal.read && terminal.unread().length) return `${whom} printed more than is shown:\n${terminal.unread().join('\n')}`;
    return code === 0 ? undefined : `${whom} ended with ${code ?? signal}\n${terminal.log}`;
  }

  async advance(by) {
    const secrets = join(this.cwd, 'data/secrets');
    const key = existsSync(secrets) ? readFileSync(secrets, 'utf8').match(/^INTERJECT_API_KEY=(.*)$/m)?.[1] : undefined;
    const answer = await fetch(`http://${this.address}/api/v1/test/clock`, {
      method: 'POST', body: JSON.stringify({ advance: by }),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    return answer.ok ? undefined : `the clock was not moved: ${answer.status} ${await answer.text()}`;
  }

  /// Ends what still runs. Gives what a terminal printed that the page does not show.
  async close() {
    const surprises = [...this.terminals].filter(([, terminal]) => terminal.read && terminal.unread().length)
      .map(([name, terminal]) => `${name} printed more than is shown:\n${terminal.unread().join('\n')}`);
    for (const terminal of this.terminals.values()) {
      terminal.signal('SIGKILL');
      await terminal.over;
    }
    rmSync(this.home, { recursive: true, force: true });
    return surprises.join('\n') || undefined;
  }
}
