// A bare Direct Line client over `fetch` and `ws`: where a test must see single frames, watermarks and close codes.
import WebSocket from 'ws';
import { eventually } from './server.mjs';

export class Line {
  constructor(server, token, conversation) {
    Object.assign(this, { server, token, conversation });
  }

  /// Begins the conversation of a fresh token.
  static async begin(server, user) {
    const { token, conversationId } = await server.token(user);
    const line = new Line(server, token, conversationId);
    const answer = await line.request('POST', '/conversations', {});
    if (answer.status !== 201) throw new Error(`conversations: ${answer.status}`);
    line.streamUrl = answer.body.streamUrl;
    return line;
  }

  request(method, path, body) {
    return this.server.request(method, `/v3/directline${path}`, body, { key: this.token });
  }

  post(activity) {
    return this.request('POST', `/conversations/${this.conversation}/activities`, activity);
  }

  say(text, clientActivityID) {
    return this.post({ type: 'message', text, ...(clientActivityID ? { channelData: { clientActivityID } } : {}) });
  }

  poll(watermark = '') {
    return this.request('GET', `/conversations/${this.conversation}/activities?watermark=${watermark}`);
  }

  /// The address of a stream from `watermark` on.
  async reconnect(watermark) {
    const answer = await this.request('GET', `/conversations/${this.conversation}?watermark=${watermark}`);
    return answer.body.streamUrl;
  }
}

export class Stream {
  /// Opens an address; `frames` are the activity sets as they came.
  static open(t, url) {
    const stream = new Stream();
    stream.frames = [];
    stream.socket = new WebSocket(url);
    stream.socket.on('message', (data) => data.length && stream.frames.push(JSON.parse(data)));
    stream.closed = new Promise((resolve) => stream.socket.on('close', resolve));
    t.after(() => stream.socket.terminate());
    return new Promise((resolve, reject) => {
      stream.socket.on('open', () => resolve(stream));
      stream.socket.on('error', reject);
    });
  }

  get activities() {
    return this.frames.flatMap((frame) => frame.activities).filter((activity) => activity.type === 'message');
  }

  async until(count) {
    await eventually(`${count} activities on the stream, not ${this.activities.length}`,
      () => this.activities.length >= count);
    return this.activities;
  }
}
