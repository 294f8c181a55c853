// Reference pages that are lists in the sources: settings, metrics and events of the log. docs/generate.mjs writes them.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(root + path, 'utf8');
const strings = (code) => [...code.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text.replaceAll('\\"', '"')).join('');
const cell = (words) => words.replaceAll('|', '\\|');

function sources(folder) {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return /\.[ch]pp$/.test(entry.name) ? [path] : [];
  });
}

// ---- settings

/// `std::chrono::minutes(5)` → 5m; `4 * 1024 * 1024` → 4194304; `"text"` → text
function valueOf(code) {
  const length = code.match(/^std::chrono::(\w+)\((\d+)\)$/);
  if (length) return length[2] + { milliseconds: 'ms', seconds: 's', minutes: 'm', hours: 'h' }[length[1]];
  if (/^[\d' *]+$/.test(code)) return String(code.replaceAll("'", '').split('*').reduce((product, n) => product * Number(n), 1));
  return code.replaceAll('"', '');
}

function settings() {
  const defaults = new Map([...read('config/settings.hpp').matchAll(/^ {2}[\w:]+ (\w+) = ([^;]+);/gm)]
    .map(([, name, code]) => [name, valueOf(code)]));
  const table = read('config/settings.cpp').match(/constexpr setting table\[\] = \{([\s\S]*?)\n\};/)[1];
  const rows = [...table.matchAll(/\{\s*\.name = "([^"]+)"([\s\S]*?)\}(?=,\s*(?:\{|$))/g)].map(([, name, body]) => {
    const member = body.match(/&settings::(\w+)/)[1];
    const help = strings(body.match(/\.help =([\s\S]*?)(?=,\s*\.|,?\s*$)/)[1]);
    const oneOf = body.match(/\.one_of = "([^"]+)"/)?.[1].split('|').map((word) => `\`${word}\``).join(' ');
    const fallback = defaults.get(member);
    const value = /\.required = true/.test(body) ? 'needed' : fallback === 'false' ? 'off' : fallback ? `\`${fallback}\`` : 'none';
    const variable = `INTERJECT_${name.toUpperCase().replaceAll('-', '_')}`;
    return `| \`--${name}\` | \`${variable}\` | ${value} | ${cell(help)}${oneOf ? `: ${oneOf}` : ''} |`;
  });
  const declared = [...table.matchAll(/\.name = /g)].length;
  if (rows.length !== declared) throw new Error(`settings: ${rows.length} of ${declared} were read`);
  return `# Settings of \`interject serve\`

Made from \`config/settings.cpp\` by \`node docs/generate.mjs\`. What the command line gives goes before the environment, and that before the default.
Lengths of time are written \`90s\`, \`10m\`, \`24h\`; sizes in bytes. A value out of its range is refused at the start, with the range.

| option | variable | default | meaning |
|---|---|---|---|
${rows.join('\n')}

Keys are no settings, so that they stand in no list of processes: see [Credentials](api.md#credentials).
`;
}

// ---- metrics

function metrics() {
  const code = read('gateway/metrics.cpp');
  const rows = new Map();
  const add = (name, kind, help) => rows.set(name, `| \`${name}\` | ${kind} | ${cell(help)} |`);
  for (const [, name, help] of code.matchAll(/\{\s*"(interject_\w+)",\s*((?:"[^"]*"\s*)+),\s*c\.\w+\s*\}/g)) add(name, 'counter', strings(help));
  for (const [, name, help, kind] of code.matchAll(/add_one\(\w+, "(interject_\w+)",\s*((?:"[^"]*"\s*)+),\s*(?:MetricType::)?(\w+)/g))
    add(name, kind.toLowerCase(), strings(help));
  for (const [, name, help, kind] of code.matchAll(/family\("(interject_\w+)",\s*((?:"[^"]*"\s*)+),\s*(?:MetricType::)?(\w+)/g))
    add(name, kind.toLowerCase(), strings(help));
  for (const [, kind, name, help] of code.matchAll(/Build(\w+)\(\)\s*\.Name\("(interject_\w+)"\)\s*\.Help\(((?:"[^"]*"\s*)+)\)/g))
    add(name, kind.toLowerCase(), strings(help));
  const named = new Set([...code.matchAll(/"(interject_\w+)"/g)].map(([, name]) => name));
  for (const name of named) if (!rows.has(name)) throw new Error(`metrics: ${name} was not read`);
  return `# Metrics

What \`GET /metrics\` gives, made from \`gateway/metrics.cpp\` by \`node docs/generate.mjs\`. Labels come from tables (routes, codes), never from ids.

| metric | kind | meaning |
|---|---|---|
${[...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row).join('\n')}
`;
}

// ---- events of the log

/// Every event that the sources log has its meaning here.
const meanings = {
  'bot.reload_failed': 'the bot could not be loaded again; the old one stays',
  'bot.reload_refused': 'a fault of the bot that was to be loaded; the old one stays',
  'bot.reloaded': 'new conversations begin on this version',
  'bot.versions_dropped': 'sources of bots that no conversation is on any more were removed',
  'bot.version_missing': 'a conversation is on a version of the bot that is not kept any more; reset it',
  'conversation.commit_failed': 'a turn could not be made durable; its sender was told to try again',
  'conversation.failed': 'an exception in a turn: a bug of ours',
  'conversation.failure_not_counted': 'a failed turn was not counted towards parking, as the store did not take it',
  'conversation.migrated': 'a conversation in the middle of a dialog was moved to a newer bot by its `migrate` rule',
  'conversation.parked': 'three turns in a row failed: the conversation rests until it is reset',
  'conversation.unreadable': 'the row of a conversation is damaged, or of a newer release',
  'demo.feed_started': 'the demo invents prices',
  'demo.service_started': 'the demo has a slow service to call',
  'dialog.failed': 'a dialog of the bot failed: its fault, with the step',
  'gateway.accept_failed': 'a connection could not be accepted, mostly for want of descriptors',
  'gateway.handler_failed': 'an exception in a request: a bug of ours',
  'gateway.answer_not_kept': 'the answer to a write with an Idempotency-Key could not be kept: it was done, and the sender heard 503',
  'gateway.session_failed': 'an exception in a connection: a bug of ours',
  'integration.refused': "a conversation refused a call's result for good; it is dropped",
  'feed.failed': 'a price feed could not be read; it is asked again after a longer while',
  'feed.stale': 'a price feed has not told a price for longer than its `stale_after`',
  'feed.unusable': 'entries of a price feed had no symbol or no price and were passed over',
  'feed.unread': 'which symbols a price feed had could not be read from the database; it learns them anew',
  'journal.ended': 'the journal has ended although the server runs: no conversation can go on, which is our bug',
  'journal.migrated': 'the database was brought to the schema of this release',
  'journal.read_failed': 'the database could not be read',
  'broadcast.ended': 'a broadcast is done, or was cancelled',
  'broadcast.unreadable': 'a broadcast that was cut off cannot be read from the database; it is left alone',
  'journal.scrub_failed': 'what was erased may still stand in the log of the database; tried again every hour',
  'person.commit_failed': 'a consent could not be made durable; the caller was told to try again',
  'person.unreadable': 'what is stored of a person cannot be read; who waits is told to try again',
  'journal.sweep_failed': 'what is past its time could not be removed; it is tried again',
  'journal.write_failed': 'commits failed: the disk is full, slow or broken',
  'node.cannot_begin': 'watches or reminders could not be read on start; it is tried again every second, and `/readyz` says so',
  'node.stop_timed_out': 'a stop did not wait for everybody',
  'outlet.failed': 'what was committed could not be handed to the streams; clients read it when they come back',
  'price.commit_failed': 'a price could not be made durable; its sender was told to try again',
  'price.refused': "a conversation refused what a watch told it for good; it is dropped",
  'recogniser.failed': "the external recogniser gave no answer that could be used; the bot's own intents decided",
  'serve.drain_timed_out': 'requests were under way for longer than `--stop-timeout`',
  'serve.started': 'the server listens',
  'serve.stopped': 'the server has ended in order',
  'serve.stopping': 'SIGTERM or Ctrl-C came',
  'stream.overrun': 'a client read too slowly; it was cut off and resumes',
  'stream.read_failed': 'what was said could not be read for a stream; it was cut off and resumes',
  'timer.loop': 'a timer asks for the same instant again and again: a bug of ours',
  'timer.no_answer': 'the test clock went on without an answer',
  'timer.commit_failed': 'fired reminders could not be moved on in the store; they are tried again',
  'timer.load_failed': 'the next reminders could not be read from the store; they are read again',
  'timer.refused': "a conversation refused a reminder or a wake-up for good; it is dropped",
  'webhook.dead_letter': 'an activity was not taken by its webhook, and is not tried again unless it is asked for',
  'webhook.dead_letter_dropped': 'more than 10,000 dead letters: the oldest was removed',
  'webhook.no_secret': 'what signs a webhook channel is not in the environment or its file; what comes by it is refused',
};

function events() {
  const found = new Map();
  for (const path of ['actors', 'config', 'gateway'].flatMap(sources))
    for (const [, level, literals] of read(path).matchAll(/(?:spdlog::|log_)(error|warn|info|debug)\(\s*((?:"(?:[^"\\]|\\.)*"[\s,]*)+)/g)) {
      const line = [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join(' ');
      const [event, ...rest] = line.split(' ');
      const fields = [...rest.join(' ').matchAll(/(\w+)=/g)].map(([, name]) => `\`${name}\``).join(' ');
      found.set(event, `| \`${event}\` | ${level} | ${fields} | ${cell(meanings[event] ?? '')} |`);
    }
  for (const event of found.keys()) if (!meanings[event]) throw new Error(`events: docs/lists.mjs does not say what ${event} means`);
  for (const event of Object.keys(meanings)) if (!found.has(event)) throw new Error(`events: ${event} is not logged any more; take it from docs/lists.mjs`);
  return `# Events of the log

One event a line, on standard error. Names are stable; \`error\`: a person must act; \`warn\`: it heals itself; \`info\`: the life of the server; \`debug\`: single messages.
What people say, keys and addresses are never logged. Made from the sources by \`node docs/generate.mjs\`.

| event | level | fields | meaning |
|---|---|---|---|
${[...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row).join('\n')}
`;
}

/// Path and text of each page.
export const pages = () => [
  ['docs/reference/settings.md', settings()],
  ['docs/reference/metrics.md', metrics()],
  ['docs/reference/log-events.md', events()],
];
