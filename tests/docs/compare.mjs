// What was printed against what the page shows. "…" stands for anything: within a line of text, or as a JSON value;
// the member "…": "…" of an object, or the item "…" of a list stands for any further ones.

const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function sameLine(expected, actual) {
  return new RegExp(`^${expected.trimEnd().split('…').map(escaped).join('.*')}$`).test(actual.trimEnd());
}

/// Nothing when they are the same, else what is wrong.
export function differentText(expected, actual) {
  const wanted = expected.trimEnd().split('\n');
  const got = actual.trimEnd().split('\n');
  for (let i = 0; i < Math.max(wanted.length, got.length); ++i)
    if (wanted[i] === undefined || got[i] === undefined || !sameLine(wanted[i], got[i]))
      return `expected: ${wanted[i] ?? '(nothing more)'}\ngot:      ${got[i] ?? '(nothing more)'}`;
  return undefined;
}

export function differentJson(expected, actual, at = '') {
  const wrong = () => `at ${at || 'the root'}\nexpected: ${JSON.stringify(expected)}\ngot:      ${JSON.stringify(actual)}`;
  if (typeof expected === 'string')
    return expected === '…' || (typeof actual === 'string' && sameLine(expected, actual)) ? undefined : wrong();
  if (expected === null || actual === null || typeof expected !== 'object' || typeof actual !== 'object')
    return expected === actual ? undefined : wrong();
  if (Array.isArray(expected) !== Array.isArray(actual)) return wrong();
  const open = Array.isArray(expected) ? expected.at(-1) === '…' : '…' in expected;
  const keys = Object.keys(expected).filter((key) => expected[key] !== '…' || (key !== '…' && !(Array.isArray(expected) && key == expected.length - 1)));
  if (!open && Object.keys(actual).length !== keys.length) return wrong();
  for (const key of keys) {
    if (!(key in actual)) return `${wrong()}\n${key} is missing`;
    const found = differentJson(expected[key], actual[key], `${at}/${key}`);
    if (found) return found;
  }
  return undefined;
}
