// Files that come with a message: taken within bounds, kept with the conversation, and served so that they can do no harm.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Server, prepareBot, directlineSecret } from './support/server.mjs';
import { Line, Stream } from './support/stream.mjs';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/// Posts a form as a browser does; answers are held against the interface's description like all others.
async function upload(line, { activity, files = [], query = '' }) {
  const form = new FormData();
  if (activity)
    form.append('activity', new Blob([JSON.stringify(activity)], { type: 'application/vnd.microsoft.activity' }));
  for (const { name, type, bytes } of files) form.append('file', new Blob([bytes], { type }), name);
  return line.server.form(`/v3/directline/conversations/${line.conversation}/upload${query}`, form, line.token);
}

const announced = (names, clientActivityID = 'c-1') => ({
  type: 'message', text: 'Look', from: { id: 'dl_bob' }, channelData: { clientActivityID, attachmentSizes: [1] },
  attachments: names.map(([name, contentType]) => ({ name, contentType })),
});

test('an upload is echoed with its addresses, served safely, and there after kill -9', async (t) => {
  const bot = prepareBot(t, 'travel');
  const before = await Server.start(t, { bot });
  const line = await Line.begin(before, 'dl_bob');
  const stream = await Stream.open(t, line.streamUrl);
  const page = '<script>alert(1)</script>';
  const sent = {
    activity: announced([['a b.png', 'image/png'], ['page.html', 'text/html']]),
    files: [{ name: 'a b.png', type: 'image/png', bytes: png }, { name: 'page.html', type: 'text/html', bytes: page }],
  };
  const answer = await upload(line, sent);
  assert.equal(answer.status, 200);
  const [echo] = await stream.until(1);
  assert.equal(echo.id, answer.body.id);
  assert.equal(echo.channelData.clientActivityID, 'c-1');
  assert.deepEqual(echo.attachments.map(({ name, contentType }) => [name, contentType]),
    [['a b.png', 'image/png'], ['page.html', 'text/html']]);

  const [picture, html] = await Promise.all(echo.attachments.map((one) => fetch(one.contentUrl)));
  assert.equal(picture.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await picture.arrayBuffer()), png);
  assert.equal(html.headers.get('content-type'), 'application/octet-stream');
  assert.match(html.headers.get('content-disposition'), /^attachment; filename\*=UTF-8''page\.html$/);
  for (const file of [picture, html]) {
    assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
    assert.match(file.headers.get('content-security-policy'), /sandbox/);
    assert.equal(file.headers.get('access-control-allow-origin'), '*');
  }
  assert.equal(await html.text(), page);
  const part = await fetch(echo.attachments[0].contentUrl, { headers: { range: 'bytes=0-3' } });
  assert.deepEqual([part.status, part.headers.get('accept-ranges'), part.headers.get('content-range')], [200, 'none', null]);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), png);
  assert.ok(new URL(echo.attachments[0].contentUrl).pathname.split('/')[4].length >= 40, 'cannot be guessed');

  await before.stop('SIGKILL');
  const after = await Server.start(t, { bot, data: before.data, port: before.port });
  const again = await fetch(echo.attachments[0].contentUrl);
  assert.deepEqual(Buffer.from(await again.arrayBuffer()), png);
  // Sent again, as a client does that heard no answer: told the same, kept once.
  line.server = after;
  assert.deepEqual((await upload(line, sent)).body, answer.body);
  assert.equal((await line.poll()).body.activities.filter((activity) => activity.text === 'Look').length, 1);
});

test('the bounds of an upload are told apart, and nothing of a refused one is said', async (t) => {
  const server = await Server.start(t, {
    bot: prepareBot(t, 'travel'),
    args: ['--upload-file', '1000', '--upload-files', '2', '--upload-body', '4000'],
  });
  const line = await Line.begin(server, 'dl_bob');
  const file = (size, name = 'x.txt') => ({ name, type: 'text/plain', bytes: 'x'.repeat(size) });
  const refusals = [
    [{ files: [file(1001)] }, 413, /File 1 is larger than 1000/],
    [{ files: [file(1), file(1), file(1)] }, 413, /At most/],
    [{ files: [file(4000)] }, 413, /larger than 4000/],
    [{ activity: announced([]) }, 400, /no file part/],
    [{ activity: { text: 'no type' }, files: [file(1)] }, 400, /type/],
    [{ activity: { type: 'typing' }, files: [file(1)] }, 400, /message/],
  ];
  for (const [what, status, message] of refusals) {
    const answer = await upload(line, what);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.body.error.message, message);
  }
  const json = await line.request('POST', `/conversations/${line.conversation}/upload`, { type: 'message' });
  assert.deepEqual([json.status, json.body.error.code], [415, 'UnsupportedMediaType']);
  assert.deepEqual((await line.poll()).body.activities, []);
  const taken = await upload(line, { files: [file(1000), file(1000, 'ü.txt')], query: '?userId=dl_bob' });
  assert.equal(taken.status, 200);
  const [said] = (await line.poll()).body.activities;
  assert.deepEqual(said.attachments.map((one) => one.name), ['x.txt', 'ü.txt']);
  assert.equal((await fetch(said.attachments[1].contentUrl)).status, 200);
  assert.equal((await fetch(said.attachments[1].contentUrl.replace(/[^/]+$/, 'other.txt'))).status, 404);
});

test('without a good credential not even the body is taken', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const line = await Line.begin(server, 'dl_bob');
  const large = { name: 'x', type: 'text/plain', bytes: 'x'.repeat(2_000_000) };
  line.token = 'wrong';
  assert.equal((await upload(line, { files: [{ ...large, bytes: 'x' }] })).status, 401);
  await assert.rejects(async () => {
    const answer = await upload(line, { files: [large] });
    assert.equal(answer.status, 413);
    throw new Error('refused');
  });
  line.token = directlineSecret;
  assert.equal((await upload(line, { files: [large], query: '?userId=dl_bob' })).status, 200);
});
