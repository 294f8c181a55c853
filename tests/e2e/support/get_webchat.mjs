// Fetches Web Chat as the one file that a page includes. Installed as a package it would bring 500 MB of dependencies
// that this file holds already.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = 'botframework-webchat';
const version = '4.18.1';
const integrity = 'sha512-7jpEUJ7olT62Xm+8eh7BhhIcXVfU2xD4pZDaeBt8K4XcNy6K/83UGIxE9BFkXmHMZ4hDEVOzs5cre07GWuaXzg==';

const into = fileURLToPath(new URL('../node_modules/.webchat', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'webchat-'));
try {
  execFileSync('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = join(folder, `${name}-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name}-${version}.tgz is ${found}, not ${integrity}`);
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', into, '--strip-components=2', 'package/dist/webchat.js']);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
