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

  /// Says something and waits for the bot's answer; the same clientActivityID however often it takes.
  async exchange(text, answer) {
    const clientActivityID = `${this.user}-${this.sent.length}`;
    const posted = await this.server.again('POST', this.path,
      { type: 'message', text, channelData: { clientActivityID } }, this.token);
    if (posted.status !== 200) throw new Error(`"${text}": ${posted.status} ${JSON.stringify(posted.body)}`);
    this.sent.push({ id: posted.body.id, text });
    this.answers.push(answer);
    this.acknowledged();
    for (const end = Date.now() + 60000; ; await pause(5)) {
      await this.read();
      if (this.seen.some((activity) => activity.text === answer)) return;
      if (Date.now() > end) throw new Error(`${this.user} said "${text}", never heard "${answer}"\n` +
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
    await this.exchange(`round ${number}`, `One of round ${number}?`);
    await this.maybeNews();
    await this.exchange(word, `Two, after ${word}?`);
    await this.maybeNews();
    await this.exchange(`${number}`, `Three, after ${word} and ${number}?`);
    await this.maybeNews();
    await this.exchange(colour, `Round ${number}: ${word}, ${number}, ${colour}.`);
  }

  async maybeNews() {
    if (this.random() < 0.5) await this.notify();
    if (this.random() < 0.2) await this.remind();
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
