// The comparison finds differences: a runner that takes everything would keep no page true.
import assert from 'node:assert/strict';

import { blocksOf } from './blocks.mjs';
import { differentJson, differentText, sameLine } from './compare.mjs';

const cases = {
  'a line is compared as it stands': () => {
    assert(sameLine('a.b', 'a.b'));
    assert(!sameLine('a.b', 'axb'));
    assert(!sameLine('a', 'a b'));
  },
  'dots in a line stand for anything': () => {
    assert(sameLine('version …', 'version 8f3a'));
    assert(sameLine('a … c … e', 'a b c d e'));
    assert(!sameLine('a … c', 'a b d'));
  },
  'a missing and a further line are found': () => {
    assert.equal(differentText('a\nb', 'a\nb\n'), undefined);
    assert.match(differentText('a\nb', 'a'), /nothing more/);
    assert.match(differentText('a', 'a\nb'), /got: +b/);
  },
  'JSON is compared by members': () => {
    assert.equal(differentJson({ a: 1, b: ['x'] }, { b: ['x'], a: 1 }), undefined);
    assert(differentJson({ a: 1 }, { a: 2 }));
    assert(differentJson({ a: 1 }, { a: '1' }));
    assert(differentJson({ a: 1 }, { a: 1, b: 2 }));
    assert(differentJson({ a: 1, b: '…' }, { a: 1 }));
    assert(differentJson([1, 2], [1]));
    assert(differentJson([1], [1, 2]));
    assert(differentJson({}, []));
    assert(differentJson(null, {}));
  },
  'dots in JSON stand for a value, or for further ones': () => {
    assert.equal(differentJson({ a: '…' }, { a: { b: 1 } }), undefined);
    assert.equal(differentJson({ a: 1, '…': '…' }, { a: 1, b: 2 }), undefined);
    assert.equal(differentJson([1, '…'], [1, 2, 3]), undefined);
    assert(differentJson({ a: 1, '…': '…' }, { b: 2 }));
    assert(differentJson([1, '…'], [2, 3]));
  },
  'a page is taken apart': () => {
    const found = blocksOf('# x\n```sh exit=1\nfalse\n```\n<!-- test: advance 5s -->\n```json file=a/b.json\n{}\n```\n');
    assert.deepEqual(found.map((b) => [b.kind, b.text, b.line]), [['sh', 'false', 2], ['note', '', 5], ['json', '{}', 6]]);
    assert.equal(found[0].options.exit, '1');
    assert.deepEqual(found[1].words, ['advance', '5s']);
    assert.equal(found[2].options.file, 'a/b.json');
    assert.throws(() => blocksOf('```sh\nnever ends'), /does not end/);
  },
};

/// Calls `report(name, what is wrong or nothing)` for each.
export function selfTest(report) {
  for (const [name, run] of Object.entries(cases)) {
    try {
      run();
      report(name, undefined);
    } catch (error) {
      report(name, String(error.stack ?? error));
    }
  }
}
