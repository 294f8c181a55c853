// A person at a Direct Line client: DirectLineJS over WebSocket, and a record of what was said on the stream.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import XMLHttpRequest from 'xhr2';
import { directlineSecret } from './server.mjs';

// DirectLineJS expects a browser.
globalThis.XMLHttpRequest = XMLHttpRequest;
globalThis.WebSocket = WebSocket;
const { DirectLine, ConnectionStatus } = createRequire(import.meta.url)('botframework-directlinejs');

const limit = 15000;

/// One line of a transcript: who, what, and the buttons. `bot!` marks what nobody asked for: no replyToId.
export function lineOf(activity) {
  const buttons = activity.suggestedActions?.actions?.map((action) => action.title) ?? [];
  const who = activity.from?.role === 'user' ? 'user>' : activity.replyToId ? 'bot>' : 'bot!';
  return `${who} ${activity.text}${buttons.length ? ` [${buttons.join(' | ')}]` : ''}`;
}

export class Person {
  /// Connects; `options` go to DirectLineJS. With `secret: true` the shared secret is used in place of a token.
  static async join(t, server, { user = 'dl_ann', secret = false, locale, ...options } = {}) {
    const person = new Person();
    person.user = user;
    person.heard = []; // activities as they came on the stream
    person.waiting = []; // {text, resolve}
    person.cursor = 0; // how far `hears` has read
    const credentials = secret ? { secret: directlineSecret } : { token: (await server.token(user)).token };
    person.line = new DirectLine({
      domain: server.directline,
      ...credentials,
      ...(locale ? { conversationStartProperties: { locale } } : {}),
      ...options,
    });
    person.locale = locale;
    person.connected = new Promise((resolve, reject) => {
      person.line.connectionStatus$.subscribe((status) => {
        if (status === ConnectionStatus.Online) resolve();
        if (status === ConnectionStatus.FailedToConnect) reject(new Error('failed to connect'));
      });
    });
    person.subscription = person.line.activity$.subscribe((activity) => person.take(activity), () => {});
    t.after(() => person.leave());
    await person.connected;
    return person;
  }

  get conversation() {
    return this.line.conversationId;
  }

  take(activity) {
    if (activity.type === 'typing') return;
    this.heard.push(activity);
    this.waiting = this.waiting.filter((check) => !check());
  }

  /// Posts a message; done when the server has acknowledged it and its echo has come on the stream.
  async say(text, more = {}) {
    const id = await this.post({ type: 'message', text, from: { id: this.user }, ...more });
    await this.sees(`the echo of "${text}"`, (activity) => activity.id === id);
    return id;
  }

  post(activity) {
    if (this.locale) activity = { locale: this.locale, ...activity };
    return new Promise((resolve, reject) => this.line.postActivity(activity).subscribe(resolve, reject));
  }

  /// Waits until an activity that `test` accepts has come, whenever that was.
  sees(what, test) {
    return new Promise((resolve, reject) => {
      const guard = setTimeout(() => reject(new Error(`never came: ${what}\n${this.transcript()}`)), limit);
      const check = () => {
        const found = this.heard.find(test);
        if (!found) return false;
        clearTimeout(guard);
        resolve(found);
        return true;
      };
      if (!check()) this.waiting.push(check);
    });
  }

  /// Waits for the bot to say exactly this, after what was waited for before.
  async hears(text) {
    const matches = (activity) => activity.from?.role !== 'user' && activity.text === text;
    const from = this.cursor;
    const found = await this.sees(`bot: ${text}`, (a) => this.heard.indexOf(a) >= from && matches(a));
    this.cursor = this.heard.indexOf(found) + 1;
    return found;
  }

  transcript() {
    return this.heard.map(lineOf).join('\n');
  }

  /// Compares all that was said so far; leading and trailing space of the lines does not count.
  said(expected) {
    const lines = expected.trim().split('\n').map((line) => line.trim());
    assert.deepEqual(this.heard.map(lineOf), lines);
  }

  /// The bot's words with the seconds since `from`, an activity.
  timeline(from) {
    const start = Date.parse(from.timestamp);
    return this.heard
      .filter((activity) => activity.from?.role !== 'user' && Date.parse(activity.timestamp) >= start)
      .map((activity) => `${((Date.parse(activity.timestamp) - start) / 1000).toFixed(1)} ${activity.text}`);
  }

  leave() {
    this.subscription.unsubscribe();
    this.line.end();
  }
}
