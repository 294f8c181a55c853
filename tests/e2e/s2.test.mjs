// The Bot Framework's proactive samples, each triggered from a dialog and from outside.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Person } from './support/client.mjs';
import { Server, eventually, prepareBot } from './support/server.mjs';
import { Service } from './support/service.mjs';

// ---- simpleSendMessage: the stack stays, the pending question still takes its answer -------------------------

async function orderPizza(t, words) {
  const server = await Server.start(t, { bot: prepareBot(t, 'pizza') });
  const ann = await Person.join(t, server);
  await ann.say(words);
  await ann.hears('What pizza toppings would you want?');
  return { server, ann };
}

test('S2 simpleSendMessage by a dialog: a reminder comes, the topping is still accepted', async (t) => {
  const { server, ann } = await orderPizza(t, 'A pizza please');
  await server.advance('10s');
  await ann.hears('The oven is hot.');
  await ann.say('olives');
  await ann.hears('One pizza with olives.');
  ann.said(`
    user> A pizza please
    bot> What pizza toppings would you want?
    bot! The oven is hot.
    user> olives
    bot> One pizza with olives.`);
});

test('S2 simpleSendMessage by a dialog: the notice repeats the buttons of the question', async (t) => {
  const { server, ann } = await orderPizza(t, 'A pizza from the menu');
  await server.advance('10s');
  await ann.hears('The oven is hot.');
  await ann.say('Mushrooms');
  await ann.hears('One pizza with Mushrooms.');
  ann.said(`
    user> A pizza from the menu
    bot> What pizza toppings would you want? [Cheese | Mushrooms]
    bot! The oven is hot. [Cheese | Mushrooms]
    user> Mushrooms
    bot> One pizza with Mushrooms.`);
});

test('S2 simpleSendMessage by the REST API', async (t) => {
  const { server, ann } = await orderPizza(t, 'A pizza from the menu');
  await server.advance('3s');
  const answer = await server.notify({
    id: 'boxes-1', to: { conversation: ann.conversation }, delivery: 'ad_hoc', text: 'We have {count} boxes left.',
    params: { count: 2 },
  });
  assert.equal(answer.id, 'boxes-1');
  assert.equal(answer.conversation, ann.conversation);
  assert.deepEqual([answer.decision.action, answer.decision.code], ['sent', 'adhoc']);
  await ann.hears('We have 2 boxes left.');
  await ann.say('Cheese');
  await ann.hears('One pizza with Cheese.');
  ann.said(`
    user> A pizza from the menu
    bot> What pizza toppings would you want? [Cheese | Mushrooms]
    bot! We have 2 boxes left. [Cheese | Mushrooms]
    user> Cheese
    bot> One pizza with Cheese.`);
  const trail = await server.ok('GET', '/api/v1/notifications/boxes-1');
  assert.equal(trail.status, 'sent');
});

// ---- startNewDialog: a new dialog on top, the original one waits ----------------------------------------------

async function askForMsft(t, watch, answer) {
  const service = await Service.start(t);
  const server = await Server.start(t, { bot: prepareBot(t, 'stocks', { SERVICE: service.host }) });
  await server.price('GOOG', 90);
  const ann = await Person.join(t, server);
  if (watch) {
    await ann.say(watch);
    await ann.hears(answer);
    await eventually('the watch is armed', async () => (await server.ok('GET', '/api/v1/watches')).items.length === 1);
  }
  await ann.say("What's the current price of MSFT?");
  return { server, ann, quote: await service.asked('/quotes/MSFT') };
}

const alert = 'Oh, sorry to interrupt, but you asked me to warn you when GOOG reached $101.50. Do you want to sell it now?';

test('S2 startNewDialog by a dialog: GOOG interrupts the question for MSFT', async (t) => {
  const { server, ann, quote } = await askForMsft(t, 'Warn me about GOOG', 'I will warn you.');
  assert.equal((await server.price('GOOG', '101.5')).fired, 1);
  await ann.hears(alert);
  await ann.say('Yes');
  await ann.hears('Ok, sold.');
  quote.answer({ last: 415.2 });
  await ann.hears('The current price of MSFT is $415.20.');
  ann.said(`
    user> Warn me about GOOG
    bot> I will warn you.
    user> What's the current price of MSFT?
    bot! ${alert} [Yes | No]
    user> Yes
    bot> Ok, sold.
    bot! The current price of MSFT is $415.20.`);
});

test('S2 startNewDialog: a quote that came during the interruption is said after it', async (t) => {
  const { server, ann, quote } = await askForMsft(t, 'Warn me about GOOG', 'I will warn you.');
  await server.price('GOOG', '101.5');
  await ann.hears(alert);
  quote.answer({ last: 415.2 });
  await eventually('the call is over', async () => (await server.conversation(ann.conversation)).calls.length === 0);
  await ann.say('No');
  await ann.hears('The current price of MSFT is $415.20.');
  ann.said(`
    user> Warn me about GOOG
    bot> I will warn you.
    user> What's the current price of MSFT?
    bot! ${alert} [Yes | No]
    user> No
    bot> Ok, I keep it.
    bot> The current price of MSFT is $415.20.`);
});

test('S2 startNewDialog by the REST API', async (t) => {
  const { server, ann, quote } = await askForMsft(t);
  const answer = await server.notify({
    to: { user: ann.user }, delivery: 'interrupt',
    dialog: { id: 'goog_alert', params: { symbol: 'GOOG', price: 101.5 } },
  });
  assert.deepEqual([answer.decision.action, answer.decision.code], ['pushed', 'interrupted']);
  await ann.hears(alert);
  await ann.say('Yes');
  await ann.hears('Ok, sold.');
  quote.answer({ last: 415.2 });
  await ann.hears('The current price of MSFT is $415.20.');
  ann.said(`
    user> What's the current price of MSFT?
    bot! ${alert} [Yes | No]
    user> Yes
    bot> Ok, sold.
    bot! The current price of MSFT is $415.20.`);
  await eventually('the interruption is over', async () =>
    (await server.ok('GET', `/api/v1/notifications/${answer.id}`)).status === 'resumed');
});

// ---- startNewDialogWithPrompt: the new dialog opens with a choice ---------------------------------------------

test('S2 startNewDialogWithPrompt by a dialog: a choice at the start', async (t) => {
  const { server, ann, quote } = await askForMsft(
    t, 'Let me choose when GOOG rises', 'I will warn you and let you choose.');
  await server.price('GOOG', '101.5');
  await ann.hears('GOOG reached $101.50. How shall I sell it?');
  await ann.say('perhaps');
  await ann.hears('By the market, with a limit, or not at all?');
  await ann.say('limit');
  await ann.hears('Ok, sold by a Limit order.');
  quote.answer({ last: 415.2 });
  await ann.hears('The current price of MSFT is $415.20.');
  ann.said(`
    user> Let me choose when GOOG rises
    bot> I will warn you and let you choose.
    user> What's the current price of MSFT?
    bot! GOOG reached $101.50. How shall I sell it? [Market | Limit | Keep it]
    user> perhaps
    bot> By the market, with a limit, or not at all? [Market | Limit | Keep it]
    user> limit
    bot> Ok, sold by a Limit order.
    bot! The current price of MSFT is $415.20.`);
});

test('S2 startNewDialogWithPrompt by the REST API, on an empty stack', async (t) => {
  const service = await Service.start(t);
  const server = await Server.start(t, { bot: prepareBot(t, 'stocks', { SERVICE: service.host }) });
  const ann = await Person.join(t, server);
  await ann.say('Warn me about GOOG');
  await ann.hears('I will warn you.');
  await server.advance('3s');
  const answer = await server.notify({
    to: { conversation: ann.conversation }, delivery: 'interrupt',
    dialog: { id: 'goog_choice', params: { symbol: 'GOOG', price: '101.5' } },
  });
  assert.deepEqual([answer.decision.action, answer.decision.code], ['pushed', 'opened']);
  await ann.hears('GOOG reached $101.50. How shall I sell it?');
  await ann.say('Keep it');
  await ann.hears('Ok, I keep it.');
  ann.said(`
    user> Warn me about GOOG
    bot> I will warn you.
    bot! GOOG reached $101.50. How shall I sell it? [Market | Limit | Keep it]
    user> Keep it
    bot> Ok, I keep it.`);
});
