// The user's answer and an interrupting choice reach 200 conversations at the same instant, over the wire. Whichever comes
// first, each answer is taken by the question that it was meant for. The same race in seeded order: tests/simulation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line } from './support/stream.mjs';
import { Server, prepareBot } from './support/server.mjs';

const people = 200;

class Racer {
  constructor(server, number) {
    Object.assign(this, { server, number, heard: [], watermark: '', taps: number % 2 === 0 });
    this.user = `dl_racer_${number}`;
    this.answer = this.taps ? 'yes' : String(100 + number);
  }

  async begin() {
    this.line = await Line.begin(this.server, this.user);
    await this.say(this.taps ? 'tapped' : 'typed');
    await this.read();
    assert.equal(this.heard.at(-1).text, this.taps ? 'Buy?' : 'How many?');
  }

  async say(text, prompt) {
    this.sent = (this.sent ?? 0) + 1;
    const activity = { type: 'message', text, channelData: { clientActivityID: `${this.user}-${this.sent}`,
      ...(prompt ? { interject: { prompt } } : {}) } };
    const { status, body } = await this.line.post(activity);
    assert.equal(status, 200, `${this.user}: ${text}: ${JSON.stringify(body)}`);
  }

  async read() {
    const { body } = await this.line.poll(this.watermark);
    this.heard.push(...body.activities);
    this.watermark = body.watermark;
    const question = this.heard.findLast((activity) => activity.inputHint === 'expectingInput');
    this.question = question?.text ?? '';
    this.prompt = question?.channelData?.interject?.prompt;
  }

  interrupt() {
    return this.server.notify({ id: `offer-${this.number}`, to: { conversation: this.line.conversation },
      delivery: 'interrupt', dialog: { id: 'offer' } });
  }

  /// Keeps what is offered, and answers the flow's question, with a button if it has some.
  react() {
    if (this.question.endsWith('Sell?')) return this.say('keep', this.prompt);
    return this.say(this.answer, this.taps ? this.prompt : undefined);
  }

  get asked() {
    const last = this.heard.findLast((activity) => activity.from.role === 'bot');
    return last.text.endsWith('?') || last.text.startsWith('That question '); // … is closed by now, comes again
  }

  texts() {
    return this.heard.map((activity) => (activity.from.role === 'user' ? `> ${activity.text}` : activity.text));
  }
}

test('an answer and an interrupting choice at the same instant are not mixed up in any of 200 conversations', async (t) => {
  const server = await Server.start(t, { bot: prepareBot(t, 'race') });
  const racers = Array.from({ length: people }, (_, number) => new Racer(server, number));
  await Promise.all(racers.map((racer) => racer.begin()));
  await server.advance('4s'); // or the choice would wait for the end of typing

  // Half of the answers leave first, half of the choices: on the way they overtake each other.
  await Promise.all(racers.flatMap((racer) =>
    racer.number % 4 < 2 ? [racer.react(), racer.interrupt()] : [racer.interrupt(), racer.react()]));

  for (let round = 0; round < 6; ++round) {
    await server.advance('4s');
    await Promise.all(racers.map((racer) => racer.read()));
    await Promise.all(racers.filter((racer) => racer.asked).map((racer) => racer.react()));
  }
  let offeredFirst = 0;
  for (const racer of racers) {
    await racer.read();
    const texts = racer.texts();
    const times = (text) => texts.filter((other) => other === text).length;
    const right = times(racer.taps ? 'Bought.' : `Many: ${racer.answer}.`) === 1 && times('Will keep.') === 1 &&
      times('Not bought.') === 0 && times('Will sell.') === 0;
    assert.ok(right, `${racer.user}:\n  ${texts.join('\n  ')}`);
    if (texts.indexOf('Sell?') < texts.indexOf(`> ${racer.answer}`)) ++offeredFirst;
  }
  assert.ok(offeredFirst > 0 && offeredFirst < people, `no race: ${offeredFirst} offers came first`);
});
