// Web Chat, unchanged, in the distribution's Chromium, on a page of another origin than the gateway's.
import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const webchat = fileURLToPath(new URL('../node_modules/.webchat/webchat.js', import.meta.url));
const executable = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

const html = (options) => `<!doctype html><html lang="en"><title>Web Chat</title>
<style>html, body, #chat { height: 100%; margin: 0 }</style><div id="chat" role="main"></div>
<script src="/webchat.js"></script>
<script>
  const options = ${JSON.stringify(options)};
  window.heard = [];
  const line = WebChat.createDirectLine({ domain: options.domain, token: options.token });
  line.connectionStatus$.subscribe((status) => { window.connection = status; });
  const store = window.store = WebChat.createStore({}, () => (next) => (action) => {
    if (action.type === 'DIRECT_LINE/INCOMING_ACTIVITY') window.heard.push(action.payload.activity);
    return next(action);
  });
  WebChat.renderWebChat(
    { directLine: line, store, userID: options.user, username: 'Ann', locale: 'en-US',
      styleOptions: { sendTimeout: 4000, hideUploadButton: false } },
    document.getElementById('chat'));
</script>`;

function servePage(t, options) {
  const server = http.createServer((request, response) => {
    if (request.url === '/webchat.js') {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' });
      createReadStream(webchat).pipe(response);
    } else if (request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(html(options));
    } else {
      response.writeHead(404).end();
    }
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/`)));
}

/// Whoever has a token and opens the page. `line` is what the gateway said of the conversation.
export class Visitor {
  static async open(t, gateway, user = 'dl_ann') {
    if (!executable) throw new Error('there is no Chromium; ./run test installs it');
    const visitor = new Visitor();
    const { token, conversationId } = await gateway.token(user);
    visitor.conversation = conversationId;
    const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
    t.after(() => browser.close());
    visitor.page = await browser.newPage({ viewport: { width: 420, height: 640 } });
    visitor.page.setDefaultTimeout(120000); // only ends a test that has already failed;
    visitor.errors = [];
    visitor.page.on('pageerror', (error) => visitor.errors.push(error.message));
    await visitor.page.goto(await servePage(t, { domain: gateway.directline, token, user }), { waitUntil: 'domcontentloaded' });
    await visitor.page.waitForFunction(() => window.connection === 2);
    return visitor;
  }

  /// Types into the box as a person does.
  async say(text) {
    await this.page.getByRole('textbox').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /// The transcript's line with exactly this text.
  line(text) {
    return this.page.locator('.webchat__bubble__content, .webchat__text-content').getByText(text, { exact: true }).first();
  }

  hears(text) {
    return this.line(text).waitFor();
  }

  button(title) {
    return this.page.locator('.webchat__suggested-actions').getByRole('button', { name: title, exact: true });
  }

  /// A button of a card.
  cardButton(title) {
    return this.page.locator('.ac-pushButton').filter({ hasText: title });
  }

  heard() {
    return this.page.evaluate(() => window.heard);
  }

  async sawNoFailure() {
    const failed = await this.page.getByText(/send failed/i).count();
    if (failed) throw new Error('Web Chat says "Send failed"');
  }

  /// To look at, when INTERJECT_SCREENSHOTS names a folder.
  async picture(name) {
    const folder = process.env.INTERJECT_SCREENSHOTS;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }
}
