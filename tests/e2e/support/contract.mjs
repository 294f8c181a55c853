// Holds every answer against the server's own OpenAPI document: the status is one that is described, and so is the body.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true });
    formats(this.ajv);
    this.ajv.addSchema(document, 'api');
    this.operations = Object.entries(document.paths).flatMap(([pattern, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        pattern,
        path: new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      })));
  }

  static async of(base) {
    const answer = await fetch(`${base}/api/v1/openapi.json`);
    assert.equal(answer.status, 200);
    return new Contract(await answer.json());
  }

  operation(method, path) {
    const bare = path.replace(/\?.*$/s, '');
    const fits = this.operations.filter((one) => one.method === method && one.path.test(bare));
    // A path without braces goes before one with: that is how the server reads its table, too.
    return fits.sort((a, b) => a.pattern.split('{').length - b.pattern.split('{').length)[0];
  }

  /// The schema that a described answer must fit, as a pointer into the document; none: no body.
  schemaOf(pointer, type) {
    const node = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce((at, part) => at[part], this.document);
    if (node.$ref) return this.schemaOf(node.$ref.slice(1), type);
    if (!node.content) return null;
    const found = Object.keys(node.content).find((known) => type.startsWith(known));
    assert.ok(found, `an answer of ${type || 'no type'}, where ${Object.keys(node.content)} is described`);
    return `${pointer}/content/${found.replaceAll('~', '~0').replaceAll('/', '~1')}/schema`;
  }

  /// Throws when the answer is not as described. What no operation describes (a wrong path) is an error in form only.
  check(method, path, { status, headers, body }) {
    const what = `${method} ${path} → ${status}`;
    if (method === 'OPTIONS') return; // a browser's business, not the interface's
    const operation = this.operation(method, path);
    const type = headers.get('content-type') ?? '';
    if (!operation) {
      assert.ok(status >= 400, `${what}: succeeded, and is not described`);
      return;
    }
    const responses = `/paths/${operation.pattern.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}/responses`;
    const described = this.document.paths[operation.pattern][method.toLowerCase()].responses;
    const key = described[status] ? String(status) : 'default';
    assert.ok(key !== 'default' || status >= 400, `${what}: this status is not described`);
    const schema = this.schemaOf(`${responses}/${key}`, type);
    if (schema === null) {
      assert.equal(body, '', `${what}: a body, where none is described`);
      return;
    }
    const pointer = schema.split('/').map(encodeURIComponent).join('/');
    const validate = this.ajv.getSchema(`api#${pointer}`);
    assert.ok(validate, `${what}: no schema at ${schema}`);
    assert.ok(validate(body),
      `${what}: not as described: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`);
  }
}
