// An HTTP service that the bot calls, and that answers when the test says so.
import http from 'node:http';

export class Service {
  static start(t) {
    const service = new Service();
    service.calls = [];
    service.waiting = [];
    service.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => (body += bytes));
      request.on('end', () => {
        const call = {
          method: request.method,
          path: request.url,
          headers: request.headers,
          body,
          taken: false,
          answer: (value, status = 200) => {
            response.writeHead(status, { 'content-type': 'application/json' });
            response.end(JSON.stringify(value));
          },
        };
        service.calls.push(call);
        service.waiting = service.waiting.filter((check) => !check());
      });
    });
    t.after(() => {
      service.server.closeAllConnections?.();
      service.server.close();
    });
    return new Promise((resolve) =>
      service.server.listen(0, '127.0.0.1', () => {
        service.host = `127.0.0.1:${service.server.address().port}`;
        resolve(service);
      }));
  }

  /// The next call of this path that no one has waited for yet.
  asked(path) {
    return new Promise((resolve, reject) => {
      const guard = setTimeout(() => reject(new Error(`never asked for ${path}`)), 15000);
      const check = () => {
        const call = this.calls.find((c) => !c.taken && c.path === path);
        if (!call) return false;
        clearTimeout(guard);
        call.taken = true;
        resolve(call);
        return true;
      };
      if (!check()) this.waiting.push(check);
    });
  }
}
