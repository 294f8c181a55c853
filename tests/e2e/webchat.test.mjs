// Web Chat as people have it: the same file, no options of ours, cross-origin.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Server, prepareBot } from './support/server.mjs';
import { Visitor } from './support/browser.mjs';

const texts = (activities) => activities.filter((one) => one.type === 'message').map((one) => one.text);

test('Web Chat: an ad hoc message comes at once and leaves the buttons of the question', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const ann = await Visitor.open(t, server);
  await ann.say('A trip to Rome');
  await ann.hears('How many nights in Rome?');
  await ann.say('2');
  await ann.hears('Shall I book 2 nights in Rome?');
  await ann.button('Yes').waitFor();
  await server.advance('3s');
  const before = await ann.page.evaluate(() => performance.now());
  const { decision } = await server.notify({ to: { user: 'dl_ann' }, delivery: 'ad_hoc', text: 'It rains in Rome.' });
  assert.equal(decision.code, 'adhoc');
  await ann.hears('It rains in Rome.');
  const took = (await ann.page.evaluate(() => performance.now())) - before;
  await ann.button('Yes').waitFor();
  await ann.button('No').waitFor();
  await ann.picture('adhoc');
  const news = (await ann.heard()).find((one) => one.text === 'It rains in Rome.');
  assert.equal(news.replyToId, undefined, 'Web Chat holds back what answers something it does not know');
  t.diagnostic(`the message was shown after ${Math.round(took)} ms`);
  await ann.button('Yes').click();
  await ann.hears('Booked: 2 nights in Rome.');
  await ann.sawNoFailure();
  await ann.picture('booked');
  assert.deepEqual(texts(await ann.heard()), [
    'A trip to Rome', 'How many nights in Rome?', '2', 'Shall I book 2 nights in Rome?', 'It rains in Rome.', 'Yes',
    'Booked: 2 nights in Rome.']);
  assert.deepEqual(ann.errors, []);
});

test('Web Chat: a file is uploaded, echoed and shown', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  const ann = await Visitor.open(t, server);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const [echoed] = await Promise.all([
    ann.page.waitForFunction(() => window.heard.find((one) => one.attachments?.length)),
    ann.page.locator('input[type=file]').first().setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png })
      .then(() => ann.page.waitForFunction(() => window.store.getState().sendBoxAttachments.length === 1))
      .then(() => ann.say('Look')),
  ]);
  const echo = await echoed.jsonValue();
  assert.ok(echo.channelData.clientActivityID);
  assert.equal(echo.attachments[0].name, 'dot.png');
  const size = await ann.page.evaluate((url) => fetch(url).then((answer) => answer.arrayBuffer()).then((all) => all.byteLength),
    echo.attachments[0].contentUrl);
  assert.equal(size, png.length, 'the page may read it, cross-origin');
  await ann.hears('Look');
  await ann.picture('upload');
  await ann.page.locator('.webchat__bubble__content img').first().waitFor();
  await ann.sawNoFailure();
  assert.deepEqual(ann.errors, []);
});

test("Web Chat: a card's buttons tap back, each in its own way", async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'menu') });
  const ann = await Visitor.open(t, server);
  await ann.say('menu');
  await ann.cardButton('Soup').waitFor();
  await ann.cardButton('Soup').click();
  await ann.hears('One soup.');
  await ann.cardButton('Pasta').click();
  await ann.hears('One pasta.');
  await ann.cardButton('Cake').click();
  await ann.hears('One cake.');
  await ann.picture('card');
  assert.ok(await ann.line('soup please').count(), 'imBack is shown as what the person said');
  assert.equal(await ann.line('pasta please').count(), 0, 'postBack is not shown');
  assert.equal(await ann.line('cake please').count(), 0, 'messageBack shows its title');
  await ann.sawNoFailure();
  assert.deepEqual(ann.errors, []);
});

test('Web Chat: after kill -9 and a new start it goes on, and shows nothing twice', async (t) => {
  const bot = prepareBot(t, 'travel');
  const before = await Server.start(t, { bot });
  const ann = await Visitor.open(t, before);
  await ann.say('A trip to Oslo');
  await ann.hears('How many nights in Oslo?');
  await before.stop('SIGKILL');
  const after = await Server.start(t, { bot, data: before.data, port: before.port });
  await ann.say('1'); // posted over HTTP; its echo comes when the stream is open again
  await ann.hears('Shall I book 1 night in Oslo?');
  await ann.button('Yes').waitFor();
  assert.equal((await after.conversation(ann.conversation)).stack[0].step, 'confirm');
  const ids = (await ann.heard()).map((one) => one.id);
  assert.equal(new Set(ids).size, ids.length, 'heard twice');
  assert.equal(await ann.page.getByText('How many nights in Oslo?', { exact: true }).count() > 0, true);
  await ann.sawNoFailure();
  await ann.picture('again');
  await ann.button('Yes').click();
  await ann.hears('Booked: 1 night in Oslo.');
});
