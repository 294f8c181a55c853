// The guide to long-running integrations: progress texts at their trigger times, in both phases.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Person } from './support/client.mjs';
import { Server, prepareBot } from './support/server.mjs';
import { Service } from './support/service.mjs';

async function begin(t, words, options = {}) {
  const service = await Service.start(t);
  const server = await Server.start(t, { bot: prepareBot(t, 'slow', { SERVICE: service.host }) });
  const ann = await Person.join(t, server, options);
  const id = await ann.say(words);
  const said = ann.heard.find((activity) => activity.id === id);
  return { service, server, ann, said };
}

// Half seconds one by one, so that a text that comes early or late shows it by its timestamp.
async function pass(server, seconds) {
  for (let i = 0; i < seconds * 2; ++i) await server.advance('500ms');
}

test('S3 pre: trigger 3 in a call of 10 s is said once, at 3 s', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look once');
  const call = await service.asked('/offers');
  await pass(server, 10);
  await ann.hears('Still looking.');
  call.answer({ count: 7 });
  await ann.hears('Found 7.');
  assert.deepEqual(ann.timeline(said), ['3.0 Still looking.', '10.0 Found 7.']);
});

test('S3 pre: the text is in the language of the conversation', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Cherche', { locale: 'fr-CA' });
  const call = await service.asked('/offers');
  await pass(server, 3);
  await ann.hears('Je cherche encore.');
  call.answer({ count: 7 });
  await ann.hears('Trouvé : 7.');
  assert.deepEqual(ann.timeline(said), ['3.0 Je cherche encore.', '3.0 Trouvé : 7.']);
});

test('S3 pre: triggers 2 and 5 are said at 2 s and at 5 s', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look twice');
  const call = await service.asked('/offers');
  await pass(server, 10);
  await ann.hears('Looking.');
  await ann.hears('Still looking.');
  call.answer({ count: 7 });
  await ann.hears('Found 7.');
  assert.deepEqual(ann.timeline(said), ['2.0 Looking.', '5.0 Still looking.', '10.0 Found 7.']);
});

test('S3 pre: completion cancels what was not said', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look twice');
  const call = await service.asked('/offers');
  await pass(server, 4);
  await ann.hears('Looking.');
  call.answer({ count: 7 });
  await ann.hears('Found 7.');
  await pass(server, 6);
  await ann.say('Anything else?');
  await ann.hears('I look for offers.');
  assert.deepEqual(ann.timeline(said), ['2.0 Looking.', '4.0 Found 7.', '10.0 I look for offers.']);
});

test('S3 post: trigger 3 in a post-action of 10 s is said once, 3 s after that began', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look and store once');
  const call = await service.asked('/offers');
  await pass(server, 4);
  call.answer({ count: 7 });
  const store = await service.asked('/store');
  await pass(server, 10);
  await ann.hears('Still storing.');
  store.answer({ number: 1 });
  await ann.hears('Stored 7.');
  assert.deepEqual(ann.timeline(said), ['7.0 Still storing.', '14.0 Stored 7.']);
});

test('S3 post: each phase counts from its own start, and completion cancels what was not said', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look and store twice');
  const call = await service.asked('/offers');
  await pass(server, 4);
  await ann.hears('Still looking.');
  call.answer({ count: 7 });
  const store = await service.asked('/store');
  await pass(server, 3);
  await ann.hears('Storing.');
  store.answer({ number: 1 });
  await ann.hears('Stored 7.');
  await pass(server, 5);
  await ann.say('Anything else?');
  await ann.hears('I look for offers.');
  assert.deepEqual(ann.timeline(said),
    ['3.0 Still looking.', '6.0 Storing.', '7.0 Stored 7.', '12.0 I look for offers.']);
});

test('S3 post: triggers 2 and 5 are said 2 s and 5 s after the post-actions began', async (t) => {
  const { service, server, ann, said } = await begin(t, 'Look and store twice');
  const call = await service.asked('/offers');
  await pass(server, 1);
  call.answer({ count: 7 });
  const store = await service.asked('/store');
  await pass(server, 10);
  await ann.hears('Storing.');
  await ann.hears('Still storing.');
  store.answer({ number: 1 });
  await ann.hears('Stored 7.');
  assert.deepEqual(ann.timeline(said), ['3.0 Storing.', '6.0 Still storing.', '11.0 Stored 7.']);
});
