// Databases that earlier releases wrote, taken over by this one: their conversations go on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, directlineSecret, scratch } from './support/server.mjs';

const golden = fileURLToPath(new URL('../journal/golden', import.meta.url));

for (const name of readdirSync(golden).filter((file) => file.endsWith('.sql'))) {
  test(`${name}: Ann answers the question that she was asked then`, async (t) => {
    const data = scratch(t);
    execFileSync('sqlite3', [join(data, 'interject.db')], { input: readFileSync(join(golden, name)) });
    // Another version of the bot by now: she finishes on hers.
    const bot = join(scratch(t), 'bot');
    mkdirSync(bot);
    writeFileSync(join(bot, 'bot.json'), JSON.stringify({ id: 'desk', locales: ['en'], dialogs: { other: { intents: ['other'], steps: [] } } }));
    const server = await Server.start(t, { bot, data });
    const { items } = await server.ok('GET', '/api/v1/conversations');
    const ann = items.find((one) => one.user === 'dl_ann').id;
    assert.equal((await server.conversation(ann)).stack[0].question, 'How many nights?');
    const path = `/v3/directline/conversations/${ann}/activities`;
    const ask = async (method, query, body) => {
      const answer = await server.request(method, path + query, body, { key: directlineSecret });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body;
    };
    const { watermark } = await ask('GET', '?watermark=');
    await ask('POST', '', { type: 'message', text: '3', from: { id: 'dl_ann' } });
    const { activities } = await ask('GET', `?watermark=${watermark}`);
    assert.ok(activities.some(({ text }) => text === '3 nights in London.'), JSON.stringify(activities.map(({ text }) => text)));
    for (const { id } of items) await server.conversation(id); // all that is known of them can still be read
    await server.stop();
    assert.match(server.log, /serve\.stopped/);
  });
}
