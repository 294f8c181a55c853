// A disk that is full, read-only, slow or stuck, while people talk: what cannot be made durable is refused with 503 and
// clear words, `/readyz` says so, what was acknowledged can be read meanwhile, and when the disk is well again everything
// goes on by itself. Afterwards kill -9, and everybody's history is checked.
//
//   node tests/chaos/disks.mjs [--binary PATH] [--people 20]
//
// The faults are made by a library that is preloaded into the server (disk_shim.c, needs cc). The full disk is a tmpfs of
// its own as well, where mounting is allowed; the output says which was used.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Server, freePort, pause, secret } from './server.mjs';

const { values } = parseArgs({
  options: {
    binary: { type: 'string', default: 'build/release/interject' },
    people: { type: 'string', default: '20' },
  },
});
const people = Number(values.people);
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'interject-disks-'));
const shim = join(folder, 'disk_shim.so');
execFileSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', '-O1', '-o', shim, join(here, 'disk_shim.c'), '-ldl']);
mkdirSync(join(folder, 'bot'));
writeFileSync(join(folder, 'bot/bot.json'), JSON.stringify({
  id: 'disks', name: 'Says it back', locales: ['en'], fallback: 'echo',
  dialogs: { echo: { params: { text: 'text' }, steps: [{ do: 'say', text: 'Heard {text}' }] } },
}));
const news = 'News.';
const padding = 'x'.repeat(8000); // so that a full disk is met soon

// ---- people ------------------------------------------------------------------------------------------------

class Person {
  constructor(server, number) {
    Object.assign(this, { server, user: `dl_person_${number}`, acknowledged: [], pending: null, next: 0 });
  }

  async begin() {
    const made = await this.server.again('POST', '/v3/directline/tokens/generate', { user: { id: this.user } }, secret);
    this.token = made.body.token;
    const opened = await this.server.again('POST', '/v3/directline/conversations', {}, this.token);
    this.path = `/v3/directline/conversations/${encodeURIComponent(opened.body.conversationId)}/activities`;
    this.id = opened.body.conversationId;
  }

  /// One post: what was refused before, under the same clientActivityID, else something new.
  async post() {
    this.pending ??= `${this.user} says ${this.next++}`;
    const answer = await this.server.once('POST', this.path, { type: 'message', text: `${this.pending} ${padding}`,
      channelData: { clientActivityID: this.pending } }, this.token).catch((error) => ({ status: 0, body: String(error) }));
    if (answer.status === 200) {
      this.acknowledged.push({ text: this.pending, id: answer.body.id });
      this.pending = null;
    }
    return answer;
  }

  async history() {
    const all = [];
    for (let watermark = ''; ; ) {
      const { status, body } = await this.server.again('GET', `${this.path}?watermark=${watermark}`, undefined, this.token);
      if (status !== 200) throw new Error(`${this.path}: ${status}`);
      if (!body.activities.length) return all;
      all.push(...body.activities);
      watermark = body.watermark;
    }
  }
}

const said = (text) => text.replace(` ${padding}`, '');

async function expectHistory(person, complaints, when) {
  const history = await person.history();
  const mine = history.filter((a) => a.from.role === 'user').map((a) => said(a.text));
  const answers = history.filter((a) => a.from.role === 'bot' && a.text !== news).map((a) => said(a.text));
  const wanted = person.acknowledged.map(({ text }) => text);
  const open = person.pending && mine.at(-1) === person.pending ? [person.pending] : []; // refused, and yet on the disk
  if (JSON.stringify(mine) !== JSON.stringify([...wanted, ...open]))
    complaints.push(`${when}: ${person.user} said ${JSON.stringify(wanted.slice(-3))}, ${JSON.stringify(mine.slice(-3))} stand there`);
  if (JSON.stringify(answers) !== JSON.stringify(mine.map((text) => `Heard ${text}`)))
    complaints.push(`${when}: ${person.user}: not one answer to each, in order`);
  for (const { text, id } of person.acknowledged)
    if (history.find((a) => a.id === id && said(a.text) === text) === undefined)
      complaints.push(`${when}: ${person.user}: "${text}" was acknowledged as ${id} and is not there`);
}

// ---- one fault ---------------------------------------------------------------------------------------------

let passed = 0;
let failed = 0;
function report(name, complaints) {
  console.log(`${complaints.length ? 'not ok' : 'ok'} - ${name}`);
  complaints.slice(0, 5).forEach((line) => console.log(`    ${line}`));
  if (complaints.length) ++failed;
  else ++passed;
}

async function until(what, limit, test) {
  for (const end = Date.now() + limit; ; await pause(20)) {
    const found = await test();
    if (found) return found;
    if (Date.now() > end) throw new Error(`did not come true: ${what}`);
  }
}

/// `why`: what the refusals must say. `data`, `broken(bool)`: the disk, and how to break and heal it.
async function meet(name, { data, broken, why, refuses = true, readable = true, args = [] }) {
  const started = Date.now();
  const complaints = [];
  const fault = join(folder, `fault-${passed + failed}`);
  writeFileSync(fault, '');
  const server = new Server(values.binary, join(folder, 'bot'), data, await freePort(), { args,
    env: { LD_PRELOAD: shim, INTERJECT_DISK_FOLDER: data, INTERJECT_DISK_FAULT: fault } });
  const set = (is) => (typeof broken === 'string' ? writeFileSync(fault, is ? broken : '') : broken(is));
  const ready = () => server.fetch('GET', '/readyz', undefined, '');
  try {
    await server.start();
    const all = Array.from({ length: people }, (_, i) => new Person(server, i));
    await Promise.all(all.map((person) => person.begin()));
    for (let i = 0; i < 2; ++i) await Promise.all(all.map((person) => person.post()));

    set(true);
    const refusals = [];
    let taken = 0;
    await Promise.all(all.map(async (person) => {
      for (let i = 0; i < (refuses ? 300 : 3); ++i) {
        const answer = await person.post();
        if (answer.status === 200) ++taken;
        else return refusals.push(answer);
      }
    }));
    if (refuses) {
      if (refusals.length < people) complaints.push(`only ${refusals.length} of ${people} met a refusal`);
      for (const { status, body } of refusals)
        if (status !== 503 || !body?.error?.message) complaints.push(`refused with ${status} ${JSON.stringify(body)}`);
      const state = await ready();
      if (state.status !== 503 || state.body?.ready !== false || !why.test(state.body?.why ?? ''))
        complaints.push(`/readyz: ${state.status} ${JSON.stringify(state.body)}`);
      const notice = await server.once('POST', '/api/v1/notifications', { id: 'n1', to: { conversation: all[0].id }, delivery: 'ad_hoc', text: news });
      // With 202 "accepted" nobody has decided yet, and nothing is promised: whoever must know repeats it.
      const undecided = notice.status === 202 && notice.body.decision.action === 'accepted';
      if (!undecided && !(notice.status === 503 && notice.body.detail)) complaints.push(`a notification: ${notice.status} ${JSON.stringify(notice.body)}`);
      if (readable) for (const person of all.slice(0, 5)) await expectHistory(person, complaints, 'meanwhile');
    } else if (refusals.length) {
      complaints.push(`refused: ${JSON.stringify(refusals[0])}`);
    }

    set(false);
    await until(`ready again: ${JSON.stringify((await ready()).body)}`, 30000, async () => (await ready()).status === 200);
    for (const person of all)
      await until(`${person.user} is heard again`, 30000, async () => (await person.post()).status === 200);
    if (refuses) {
      // The same notification again: said once, whatever became of the first.
      const again = await until('the notification is decided', 30000, async () => {
        const { status, body } = await server.again('POST', '/api/v1/notifications', { id: 'n1', to: { conversation: all[0].id }, delivery: 'ad_hoc', text: news });
        return status === 202 && body.decision.action !== 'accepted' && body.decision;
      });
      if (again.action === 'dropped') complaints.push(`the notification was dropped: ${JSON.stringify(again)}`);
      await server.advance(9000); // or it would wait for the end of typing
      await until('the notification is said', 10000, async () => (await all[0].history()).some((a) => a.text === news));
    }
    await server.kill();
    await server.start();
    if (refuses && (await all[0].history()).filter((a) => a.text === news).length !== 1) complaints.push('the notification was not said once');
    for (const person of all) await expectHistory(person, complaints, 'in the end');
    await server.kill('SIGTERM');
    report(`${name} (${taken} acknowledged, ${refusals.length} refused meanwhile; ${((Date.now() - started) / 1000).toFixed(1)} s)`, complaints);
  } catch (error) {
    server.process?.kill('SIGKILL');
    report(name, [...complaints, String(error.stack), server.log.slice(-1500)]);
  }
}

// ---- the faults --------------------------------------------------------------------------------------------

await meet('a full disk: no more room is given out', { data: join(folder, 'full'), broken: 'full', why: /full/ });

const mount = join(folder, 'tmpfs');
mkdirSync(mount);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount]);
if (mounted.status === 0) {
  console.log('disks: a tmpfs of 24 MB is filled up, too');
  const filler = join(mount, 'filler');
  await meet('a full disk: a tmpfs that something else fills', { data: join(mount, 'data'), why: /full/, broken: (is) => {
    if (!is) return rmSync(filler);
    try {
      for (const piece = Buffer.alloc(65536, 'f'); ; ) appendFileSync(filler, piece);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  } });
  spawnSync('umount', [mount]);
} else {
  console.log('disks: no tmpfs can be mounted here: the full disk is the preloaded library\'s alone');
}

await meet('a read-only disk', { data: join(folder, 'read-only'), broken: 'read-only', why: /disk|read-only|write/ });
await meet('a slow disk: 100 ms for each sync', { data: join(folder, 'slow'), broken: 'slow 100', refuses: false });
await meet('a stuck disk: nothing is synced', { data: join(folder, 'stuck'), broken: 'slow 60000', why: /./, readable: false,
  args: ['--answer-timeout', '1s', '--decision-timeout', '500ms'] });

console.log(`${passed} passed, ${failed} failed`);
if (failed) console.log(`disks: the data is kept in ${folder}`);
else rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
