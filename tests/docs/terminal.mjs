// A program that stays open, as in a terminal of its own: what it prints, line by line, and what is typed into it.
import { spawn } from 'node:child_process';

import { sameLine } from './compare.mjs';

const patience = 20000; // only ends a test that has failed already

export class Terminal {
  constructor(command, cwd, env) {
    this.lines = [];
    this.read = 0; // how many lines were compared
    this.log = '';
    this.wakers = new Set();
    this.process = spawn('bash', ['-c', command], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let rest = '';
    this.process.stdout.setEncoding('utf8').on('data', (text) => {
      this.log += text;
      const parts = (rest + text).split('\n');
      rest = parts.pop();
      this.lines.push(...parts.filter((line) => line.trim()));
      this.wake();
    });
    this.process.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    this.process.stdin.on('error', () => {}); // it may have ended; what it printed tells
    this.over = new Promise((resolve) => this.process.on('exit', (code, signal) => {
      this.ended = { code, signal };
      this.wake();
      resolve(this.ended);
    }));
  }

  wake() {
    for (const waker of this.wakers) waker();
  }

  /// The next line that nobody has compared yet; undefined when none comes.
  async next() {
    const end = Date.now() + patience;
    while (this.lines.length <= this.read && !this.ended && Date.now() < end)
      await new Promise((resolve) => {
        const timer = setTimeout(done, Math.max(1, end - Date.now()));
        const self = this;
        function done() {
          clearTimeout(timer);
          self.wakers.delete(done);
          resolve();
        }
        this.wakers.add(done);
      });
    return this.lines[this.read] === undefined ? undefined : this.lines[this.read++];
  }

  /// Types what follows "you> ", and compares all other lines; a line "…" stands for any number of lines. Gives what is
  /// wrong, or nothing.
  async play(transcript) {
    let skipping = false;
    for (const expected of transcript.split('\n').filter((line) => line.trim())) {
      if (expected === '…') {
        skipping = true;
        continue;
      }
      if (expected.startsWith('you> ')) this.process.stdin.write(`${expected.slice(5)}\n`);
      let got = await this.next();
      while (skipping && got !== undefined && !sameLine(expected, got)) got = await this.next();
      skipping = false;
      if (got === undefined || !sameLine(expected, got))
        return `expected: ${expected}\ngot:      ${got ?? `(nothing more)\n${this.log}`}`;
    }
    return undefined;
  }

  /// What was printed after the last line that was compared.
  unread() {
    return this.lines.slice(this.read);
  }

  signal(name) {
    // The group: the shell and what it runs.
    if (!this.ended) process.kill(-this.process.pid, name);
  }
}
