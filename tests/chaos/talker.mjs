// One person who talks, asks again when the server was gone, and remembers what was sent, acknowledged and seen.
import { pause, secret } from './server.mjs';

export class Talker {
  constructor(server, number, random) {
    Object.assign(this, { server, number, random });
    this.user = `dl_user_${number}`;
    this.sent = []; // texts, each acknowledged before the next is sent
    this.answers = []; // what the bot must have said to them, in order
    this.seen = []; // activities as they were read while the server came and went
    this.notices = []; // {id, text, mode}: acknowledged with 202
    this.offers = []; // numbers: each interrupted, and was answered
    this.reminders = []; // {text, acknowledged}
    this.watermark = '';
  }

  async begin() {
    const made = await this.server.again('POST', '/v3/directline/tokens/generate', { user: { id: this.user } }, secret);
    this.token = made.body.token;
    const opened = await this.server.again('POST', '/v3/directline/conversations', {}, this.token);
    this.id = opened.body.conversationId;
    this.path = `/v3/directline/conversations/${encodeURIComponent(this.id)}/activities`;
  }

  /// Says something and waits for the bot's answer.
  async exchange(text, answer) {
    await this.say(text);
    await this.hears(answer, answer);
    this.answers.push(answer);
  }

  /// The same clientActivityID however often it takes.
  async say(text, prompt) {
    const channelData = { clientActivityID: `${this.user}-${this.sent.length}`, ...(prompt ? { interject: { prompt } } : {}) };
    const posted = await this.server.again('POST', this.path, { type: 'message', text, channelData }, this.token);
    if (posted.status !== 200) throw new Error(`"${text}": ${posted.status} ${JSON.stringify(posted.body)}`);
    this.sent.push({ id: posted.body.id, text });
    this.acknowledged();
  }

  times(text) {
    return this.seen.filter((activity) => activity.text === text).length;
  }

  /// Reads until the bot has said `text` for the `count`th time.
  async hears(text, why, count = 1) {
    for (const end = Date.now() + 60000; ; await pause(5)) {
      await this.read();
      if (this.times(text) >= count) return;
      if (Date.now() > end) throw new Error(`${this.user} waits for "${why}", never heard "${text}"\n` +
        this.seen.slice(-6).map((a) => `  ${a.from.role}: ${a.text}`).join('\n') + `\n${this.server.log.slice(-3000)}`);
    }
  }

  async read() {
    const { status, body } = await this.server.again('GET', `${this.path}?watermark=${this.watermark}`, undefined, this.token);
    if (status !== 200) throw new Error(`${this.path}: ${status} ${JSON.stringify(body)}`);
    this.seen.push(...body.activities);
    this.watermark = body.watermark;
  }

  /// One round of the bot's questions. Every text is this person's and this round's own.
  async round(number) {
    const word = `w${this.number}x${number}`;
    const colour = this.random() < 0.5 ? 'red' : 'green';
    const [one, two, three] = [`One of round ${number}?`, `Two, after ${word}?`, `Three, after ${word} and ${number}?`];
    await this.exchange(`round ${number}`, one);
    await this.maybeNews(one);
    await this.exchange(word, two);
    await this.maybeNews(two);
    if (this.random() < 0.3) {
      await this.say(`${number}`);
      await this.interruptCall(three);
    } else {
      await this.exchange(`${number}`, three);
    }
    await this.maybeNews(three);
    await this.exchange(colour, `Round ${number}: ${word}, ${number}, ${colour}.`);
  }

  async maybeNews(question) {
    if (this.random() < 0.5) await this.notify();
    if (this.random() < 0.2) await this.remind();
    if (this.random() < 0.25) await this.interrupt(question);
  }

  /// A question that interrupts another: it is answered, and the other one comes back.
  async interrupt(question) {
    const answer = await this.offer();
    this.answers.push(...answer);
    await this.hears(question, `${answer[1]} and then`, this.answers.filter((text) => text === question).length + 1);
    this.answers.push(question);
  }

  /// The same while a call runs, whose result may come before, meanwhile or after it.
  async interruptCall(question) {
    const answer = await this.offer();
    await this.hears(question, `${answer[1]} and then`);
    const texts = this.seen.map((activity) => activity.text);
    if (texts.indexOf(question) > texts.indexOf(answer[1])) return this.answers.push(...answer, question);
    await this.hears(question, `${answer[1]} and then again`, 2);
    this.answers.push(question, ...answer, question);
  }

  async offer() {
    const number = `${this.number}.${this.offers.length}`;
    const answer = this.random() < 0.5 ? 'yes' : 'no';
    const said = [`Offer ${number}?`, `Offer ${number}: ${answer}.`];
    this.offers.push(number);
    const { status, body } = await this.server.again('POST', '/api/v1/notifications',
      { id: `offer-${number}`, to: { conversation: this.id }, delivery: 'interrupt', dialog: { id: 'offer', params: { number } } });
    if (status !== 202) throw new Error(`offer ${number}: ${status} ${JSON.stringify(body)}`);
    this.acknowledged();
    await this.hears(said[0], said[0]);
    await this.say(answer, this.seen.find((activity) => activity.text === said[0]).channelData.interject.prompt);
    await this.hears(said[1], said[1]);
    return said;
  }

  async notify() {
    const number = this.notices.length;
    const id = `${this.user}.${number}`;
    const mode = ['ad_hoc', 'deferred', 'auto'][Math.floor(this.random() * 3)];
    const text = `News ${number} for ${this.user}.`;
    const to = this.random() < 0.5 ? { conversation: this.id } : { user: this.user };
    const { status, body } = await this.server.again('POST', '/api/v1/notifications', { id, to, delivery: mode, text });
    if (status !== 202) throw new Error(`notification ${id}: ${status} ${JSON.stringify(body)}`);
    this.notices.push({ id, text, mode });
    this.acknowledged();
  }

  /// A reminder has no id of the sender's: one whose answer got lost may exist or not, and is tried under a new text.
  async remind() {
    for (;;) {
      const reminder = { text: `Reminder ${this.reminders.length} for ${this.user}.`, acknowledged: false };
      this.reminders.push(reminder);
      const answer = await this.server.once('POST', '/api/v1/reminders',
        { conversation: this.id, in: `${1 + Math.floor(this.random() * 20)}s`, notify: { delivery: 'ad_hoc', text: reminder.text } })
        .catch(() => ({ status: 0 }));
      reminder.acknowledged = answer.status === 201;
      if (reminder.acknowledged) return this.acknowledged();
      if (![0, 429, 503].includes(answer.status)) throw new Error(`reminder: ${answer.status} ${JSON.stringify(answer.body)}`);
      await pause(10);
    }
  }
}
