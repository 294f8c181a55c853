// The proactive-message design guide: the price of a hotel in Las Vegas falls while a trip to London is being booked.
// Once under each of the guide's strategies.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Person } from './support/client.mjs';
import { Server, eventually, prepareBot } from './support/server.mjs';

// The watch is set, the trip's first question stands, and Ann is not typing.
async function bookingUnderWatch(t, watch, answer) {
  const server = await Server.start(t, { bot: prepareBot(t, 'travel') });
  await server.price('HOTEL-LV', 200);
  const ann = await Person.join(t, server);
  await ann.say(watch);
  await ann.hears(answer);
  await eventually('the watch is armed', async () => (await server.ok('GET', '/api/v1/watches')).items.length === 1);
  await ann.say('A trip to London');
  await ann.hears('How many nights in London?');
  await server.advance('3s');
  return { server, ann };
}

test('S1 wait: the alert comes when the booking is over', async (t) => {
  const { server, ann } = await bookingUnderWatch(
    t, 'Watch the hotel but do not disturb me', 'I will tell you when you have a moment.');
  assert.equal((await server.price('HOTEL-LV', 158)).fired, 1);
  await eventually('the alert is queued', async () => (await server.conversation(ann.conversation)).queue.length === 1);
  await ann.say('3');
  await ann.hears('Shall I book 3 nights in London?');
  await ann.say('Yes');
  await ann.hears('Booked: 3 nights in London.');
  await server.advance('3s');
  await ann.hears('Your hotel in Las Vegas is down to $158.00.');
  ann.said(`
    user> Watch the hotel but do not disturb me
    bot> I will tell you when you have a moment.
    user> A trip to London
    bot> How many nights in London?
    user> 3
    bot> Shall I book 3 nights in London? [Yes | No]
    user> Yes
    bot> Booked: 3 nights in London.
    bot! Your hotel in Las Vegas is down to $158.00.`);
});

test('S1 cancel: the alert ends the booking', async (t) => {
  const { server, ann } = await bookingUnderWatch(
    t, 'Watch the hotel and drop everything', 'I will tell you at once, whatever we are doing.');
  assert.equal((await server.price('HOTEL-LV', 158)).fired, 1);
  await ann.hears('Now about Las Vegas: your hotel is down to $158.00. Shall I book it?');
  await ann.say('Yes');
  await ann.hears('The hotel in Las Vegas is booked.');
  await ann.say('3');
  await ann.hears('I book trips and watch hotels.');
  ann.said(`
    user> Watch the hotel and drop everything
    bot> I will tell you at once, whatever we are doing.
    user> A trip to London
    bot> How many nights in London?
    bot! Now about Las Vegas: your hotel is down to $158.00. Shall I book it? [Yes | No]
    user> Yes
    bot> The hotel in Las Vegas is booked.
    user> 3
    bot> I book trips and watch hotels.`);
  assert.deepEqual((await server.conversation(ann.conversation)).stack, []);
});

test('S1 switch: the alert interrupts, and the booking goes on at its very step', async (t) => {
  const { server, ann } = await bookingUnderWatch(
    t, 'Watch the hotel and interrupt me', 'I will interrupt you when it is time.');
  await ann.say('3');
  await ann.hears('Shall I book 3 nights in London?');
  await server.advance('3s');
  assert.equal((await server.price('HOTEL-LV', 158)).fired, 1);
  await ann.hears('Now about Las Vegas: your hotel is down to $158.00. Shall I book it?');
  const { stack } = await server.conversation(ann.conversation);
  assert.deepEqual(stack.map((frame) => [frame.dialog, frame.step]),
    [['book_trip', 'confirm'], ['hotel_offer', 'offer']]);
  await ann.say('No');
  await ann.hears('Shall I book 3 nights in London?');
  await ann.say('Yes');
  await ann.hears('Booked: 3 nights in London.');
  ann.said(`
    user> Watch the hotel and interrupt me
    bot> I will interrupt you when it is time.
    user> A trip to London
    bot> How many nights in London?
    user> 3
    bot> Shall I book 3 nights in London? [Yes | No]
    bot! Now about Las Vegas: your hotel is down to $158.00. Shall I book it? [Yes | No]
    user> No
    bot> Then I leave the hotel.
    bot> Back to your trip to London.
    bot> Shall I book 3 nights in London? [Yes | No]
    user> Yes
    bot> Booked: 3 nights in London.`);
});
