// What must hold after broadcasts and calls that were cut off again and again, and faults that break it. A trail is what
// the run saw:
//   people, calls (of each)    casts: [{id, mayEnd, state, considered, recipients, refused, counts}]
//   heard: per person their texts, each activity once    keys: Map of a call's token to the keys of its tries
//   arrived: [{key, body}], what the webhook's receiver took    turnedAway: [key], what it answered with 503
// Each check returns the complaints, none when it holds.
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const news = ({ id }) => `News ${id}.`;
const told = ({ heard }, cast) => heard.map((texts) => texts.filter((text) => text === news(cast)).length);
const tokens = ({ people, calls }) => Array.from({ length: people * calls }, (_, i) => `t-${Math.floor(i / calls)}-${i % calls}`);

export const outcomes = (texts, token) => texts.filter((text) => [`Failed ${token}.`, `Late ${token}.`, `Fetched ${token}: word-${token}.`].includes(text));
export const endsOf = (trail, token) => outcomes(trail.heard[Number(token.split('-')[1])], token);

export const checks = {
  'a broadcast ends, cancelled only if somebody cancelled it': ({ casts }) =>
    casts.filter(({ state, mayEnd }) => !mayEnd.includes(state)).map(({ id, state }) => `${id} is ${state}`),

  'each recipient is decided once': ({ people, casts }) =>
    casts.filter((cast) => cast.state === 'done')
      .filter(({ considered, recipients, refused, counts }) =>
        considered !== people || recipients !== people || refused !== 0 || sum(Object.values(counts)) !== people)
      .map((cast) => `the counts are off: ${JSON.stringify(cast)}`),

  'everybody is told once': (trail) =>
    trail.casts.filter((cast) => told(trail, cast).some((n) => (cast.state === 'done' ? n !== 1 : n > 1)))
      .map((cast) => `${cast.id} ${cast.state}: ${JSON.stringify(told(trail, cast))}`),

  'each call ends in one way, once': (trail) =>
    tokens(trail).filter((token) => endsOf(trail, token).length !== 1).map((token) => `call ${token} ended as ${JSON.stringify(endsOf(trail, token))}`),

  'all tries of a call carry one key': (trail) =>
    tokens(trail).map((token) => [token, trail.keys.get(token) ?? []])
      .filter(([, keys]) => new Set(keys).size > 1 || keys.includes(undefined))
      .map(([token, keys]) => `call ${token} was tried under ${JSON.stringify(keys)}`),

  'no two calls share a key': ({ keys }) =>
    new Set([...keys.values()].flat()).size < keys.size ? ['two calls had the same key'] : [],

  'an activity comes as it came first': ({ arrived }) => {
    const first = new Map();
    for (const { key, body } of arrived) if (!first.has(key)) first.set(key, body);
    return arrived.filter(({ key, body }) => first.get(key) !== body).map(({ key }) => `${key} came with two bodies`);
  },

  'what was turned away comes again': ({ arrived, turnedAway }) => {
    const taken = new Set(arrived.map(({ key }) => key));
    return [...new Set(turnedAway)].filter((key) => !taken.has(key)).map((key) => `${key} was not tried again`);
  },
};

export const complaintsOf = (trail) =>
  Object.entries(checks).flatMap(([name, check]) => check(trail).map((line) => `${name}: ${line}`));

const done = ({ casts }) => casts.find(({ state }) => state === 'done');
const lose = (texts, text) => texts.splice(texts.indexOf(text), 1);
const tried = ({ keys }) => [...keys.values()].find((each) => each.length > 0);

/// Each changes a trail as a fault would, and names the check that must see it.
export const faults = {
  'a broadcast that never ends': [(t) => (done(t).state = 'running'), 'a broadcast ends, cancelled only if somebody cancelled it'],
  'a broadcast that was cut off and taken for cancelled': [(t) => (done(t).state = 'cancelled'), 'a broadcast ends, cancelled only if somebody cancelled it'],
  'a recipient that is decided twice': [({ casts: [{ counts }] }) => ++counts[Object.keys(counts)[0]], 'each recipient is decided once'],
  'a recipient that nobody decides': [({ casts: [{ counts }] }) => --counts[Object.keys(counts)[0]], 'each recipient is decided once'],
  'a person whom a slice leaves out': [({ casts: [cast] }) => --cast.considered, 'each recipient is decided once'],
  'a recipient who is not told': [(t) => lose(t.heard[0], news(done(t))), 'everybody is told once'],
  'a recipient who is told twice': [(t) => t.heard[1].push(news(done(t))), 'everybody is told once'],
  'a cancelled broadcast that tells somebody twice': [
    (t) => { t.casts[2].state = 'cancelled'; t.heard[1].push(news(t.casts[2]), news(t.casts[2])); }, 'everybody is told once'],
  'a call that ends twice': [(t) => t.heard[0].push('Late t-0-0.'), 'each call ends in one way, once'],
  'a call that never ends': [(t) => lose(t.heard[0], outcomes(t.heard[0], 't-0-0')[0]), 'each call ends in one way, once'],
  'a retry without its key': [(t) => tried(t).push(undefined), 'all tries of a call carry one key'],
  'a retry under another key': [(t) => tried(t).push('another'), 'all tries of a call carry one key'],
  'a key that serves two calls': [({ keys }) => { const [one, other] = keys; keys.set(other[0], one[1]); }, 'no two calls share a key'],
  'a retry with other words': [({ arrived }) => arrived.push({ ...arrived[0], body: '{}' }), 'an activity comes as it came first'],
  'a webhook that is not tried again': [
    (t) => (t.arrived = t.arrived.filter(({ key }) => key !== t.turnedAway[0])), 'what was turned away comes again'],
};

/// The faults that stay unseen when they are planted in this trail, which is without fault itself.
export function unseen(trail) {
  return Object.entries(faults).filter(([, [plant, name]]) => {
    const doctored = structuredClone(trail);
    plant(doctored);
    return checks[name](doctored).length === 0;
  }).map(([what]) => what);
}
