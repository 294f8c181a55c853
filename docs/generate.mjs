// Fills the tables of docs/reference/bot.md from the descriptions in config/schema/bot.schema.json, and writes the pages
// of docs/lists.mjs.
//
//   node docs/generate.mjs           writes the pages
//   node docs/generate.mjs --check   fails when a page is not what would be written
//
// A table stands between `<!-- keys POINTER [flat] -->` and `<!-- end -->`; `<!-- steps -->` lists the kinds of steps.
// `flat` leaves out what lies deeper. What is written by hand around the tables stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pages } from './lists.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const schema = JSON.parse(readFileSync(path('../config/schema/bot.schema.json'), 'utf8'));
const page = path('reference/bot.md');

/// Titles of definitions, and the heading of the page that explains them.
const explained = {
  text: 'texts', phrases: 'phrases', expression: 'expressions', computed: 'values', value: 'values', values: 'values',
  duration: 'durations', variable: 'variables', interruptible: 'where-news-may-interrupt', step: 'steps',
  steps: 'steps', dialog: 'a-dialog', choice: 'choices', case: 'branch', condition: 'conditions', price: 'prices',
  percentage: 'prices', notification: 'notifications', progress: 'progress', 'progress texts': 'progress',
  'progress text': 'progress', every: 'progress', card: 'cards-and-attachments', button: 'cards-and-attachments',
  attachment: 'cards-and-attachments',
};
/// Keys that every step has; they have a table of their own.
const common = ['do', 'id', 'interruptible', 'boundary'];

const at = (pointer) => pointer.split('/').slice(1).reduce((node, part) => node[part], schema);
const shown = new Set(); // objects with properties that some table shows

/// The node that a `$ref` leads to; a description or title beside the reference goes first.
function resolve(node) {
  if (!node.$ref) return node;
  const { $ref, ...own } = node;
  return { ...resolve(at($ref.slice(1))), ...own };
}

function type(node) {
  const full = resolve(node);
  const title = full.title;
  if (title && explained[title]) return `[${title}](#${explained[title]})`;
  if (full.const !== undefined) return `\`${full.const}\``;
  if (full.enum) return full.enum.map((word) => `\`${word}\``).join(' ');
  if (full.anyOf) return [...new Set(full.anyOf.map(type))].join(' or ');
  if (Array.isArray(full.type)) return full.type.join(' or ');
  if (full.type === 'array') return `list of ${full.items ? type(full.items) : 'anything'}`;
  if (full.type === 'object' && full.additionalProperties) return `by name: ${type(full.additionalProperties)}`;
  if (full.type === 'string') return 'string';
  if (full.type === 'integer' || full.type === 'number') {
    if (full.minimum === undefined) return full.type;
    return `${full.type}, ${full.minimum}${full.maximum === undefined ? ' or more' : `–${full.maximum}`}`;
  }
  return full.type ?? 'any JSON';
}

/// The objects that lie within a node without a section of their own, with what is put before their keys.
function within(node, prefix) {
  if (node.$ref && resolve(node).title) return [];
  const full = node.$ref ? at(node.$ref.slice(1)) : node;
  if (full.properties) return [[full, `${prefix}.`]];
  if (full.type === 'array' && full.items) return within(full.items, `${prefix}[]`);
  if (full.type === 'object' && full.additionalProperties) return within(full.additionalProperties, `${prefix}.*`);
  return (full.anyOf ?? []).flatMap((one) => within(one, prefix));
}

const cell = (words) => words.replaceAll('|', '\\|').replaceAll('\n', ' ');

function rows(object, { prefix = '', flat = false, hidden = [] } = {}) {
  shown.add(object);
  const out = [];
  for (const [name, node] of Object.entries(object.properties)) {
    if (hidden.includes(name)) continue;
    const full = resolve(node);
    const needed = object.required?.includes(name) ? ' (needed)' : '';
    out.push(`| \`${prefix}${name}\`${needed} | ${cell(type(node))} | ${cell(full.description)} |`);
    if (flat) continue;
    for (const [inner, before] of within(node, prefix + name)) out.push(...rows(inner, { prefix: before }));
  }
  return out;
}

function table(pointer, flat) {
  const object = at(pointer === '/' ? '' : pointer);
  const step = object.properties.do?.const !== undefined;
  const lines = rows(object, { flat, hidden: step ? common : [] });
  return ['| key | value | meaning |', '|---|---|---|', ...lines].join('\n');
}

function everyStep() {
  const object = { properties: {} };
  for (const name of common)
    object.properties[name] = name === 'do' ? at('/definitions/step').properties.do : at('/definitions/say').properties[name];
  return ['| key | value | meaning |', '|---|---|---|', ...rows({ ...object, required: ['do'] })].join('\n');
}

function steps() {
  shown.add(at('/definitions/step'));
  const kinds = at('/definitions/step').properties.do.enum;
  const lines = kinds.map((kind) => `| [\`${kind}\`](#${kind}) | ${cell(at(`/definitions/${kind}`).description)} |`);
  return ['| `do` | meaning |', '|---|---|', ...lines].join('\n');
}

function fill(text) {
  return text.replace(/<!-- (keys|steps|every step)(?: (\/\S*))?( flat)? -->\n[\s\S]*?<!-- end -->/g, (_, what, pointer, flat) => {
    const made = what === 'keys' ? table(pointer, Boolean(flat)) : what === 'steps' ? steps() : everyStep();
    return `<!-- ${what}${pointer ? ` ${pointer}` : ''}${flat ?? ''} -->\n\n${made}\n\n<!-- end -->`;
  });
}

/// Every object of the schema has a table, and every link a heading: nothing is forgotten when the schema grows.
function complete(text) {
  const faults = [];
  const visit = (node, pointer) => {
    if (node === null || typeof node !== 'object') return;
    const inCondition = /\/(if|then|else)$/.test(pointer);
    if (node.properties && !Array.isArray(node) && !inCondition && !shown.has(node))
      faults.push(`no table shows the keys of ${pointer || '/'}`);
    for (const [name, child] of Object.entries(node)) visit(child, `${pointer}/${name}`);
  };
  visit(schema, '');
  const headings = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, words]) =>
    words.toLowerCase().replace(/[^\w\s-]/g, '').trim().replace(/\s+/g, '-')));
  for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g))
    if (!headings.has(anchor)) faults.push(`a link leads to #${anchor}, which is no heading`);
  return [...new Set(faults)];
}

const before = readFileSync(page, 'utf8');
const after = fill(before);
const faults = complete(after);
if (process.argv.includes('--check')) {
  if (after !== before) faults.push('docs/reference/bot.md is out of date: run `node docs/generate.mjs`');
} else if (after !== before) {
  writeFileSync(page, after);
}
try {
  for (const [name, text] of pages()) {
    const at = path(`../${name}`);
    if (existsSync(at) && readFileSync(at, 'utf8') === text) continue;
    if (process.argv.includes('--check')) faults.push(`${name} is out of date: run \`node docs/generate.mjs\``);
    else writeFileSync(at, text);
  }
} catch (error) {
  faults.push(error.message);
}
for (const fault of faults) console.error(`generate: ${fault}`);
process.exitCode = faults.length ? 1 : 0;
