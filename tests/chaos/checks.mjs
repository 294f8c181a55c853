// What must hold of everybody's history after the kills. Each check returns the complaints, none when it holds.
const isUser = (activity) => activity.from.role === 'user';
const texts = (activities) => activities.map((activity) => activity.text);
const times = (history, text) => history.filter((activity) => activity.text === text).length;

function differs(who, what, is, wanted) {
  if (JSON.stringify(is) === JSON.stringify(wanted)) return [];
  const at = wanted.findIndex((item, i) => JSON.stringify(item) !== JSON.stringify(is[i]));
  const i = at < 0 ? wanted.length : at;
  return [`${who}: ${what} differs at ${i}: ${JSON.stringify(is[i])} instead of ${JSON.stringify(wanted[i])}`];
}

export const checks = {
  'acknowledged activities are there once and in order': ({ user, sent, history }) =>
    differs(user, 'what the user said', history.filter(isUser).map(({ id, text }) => ({ id, text })), sent),

  'each conversation went on at its step: one answer to each, in order': ({ user, answers, history }) => {
    const expected = new Set(answers);
    return differs(user, 'what the bot answered', texts(history).filter((text) => expected.has(text)), answers);
  },

  'acknowledged notifications are there once': ({ user, notices, history }) =>
    notices.filter(({ text }) => times(history, text) !== 1)
      .map(({ id, mode, text }) => `${user}: ${mode} ${id} was said ${times(history, text)} times`),

  'notifications of one mode are in order': ({ user, notices, history }) =>
    ['ad_hoc', 'deferred', 'auto'].flatMap((mode) => {
      const mine = notices.filter((notice) => notice.mode === mode).map((notice) => notice.text);
      const wanted = new Set(mine);
      return differs(user, mode, texts(history).filter((text) => wanted.has(text)), mine);
    }),

  'reminders of the API that were acknowledged fired once, the others at most once': ({ user, reminders, history }) =>
    reminders.filter(({ text, acknowledged }) => acknowledged ? times(history, text) !== 1 : times(history, text) > 1)
      .map(({ text }) => `${user}: "${text}" was said ${times(history, text)} times`),

  'reminders of the dialog fired once': ({ user, rounds, history }) =>
    Array.from({ length: rounds }, (_, i) => `Round ${i + 1} has begun.`)
      .filter((text) => times(history, text) !== 1)
      .map((text) => `${user}: "${text}" was said ${times(history, text)} times`),

  'each price watch fired once': ({ user, symbol, history }) =>
    times(history, `${symbol} fell.`) === 1 ? [] : [`${user}: ${symbol} fell ${times(history, `${symbol} fell.`)} times`],

  'what was seen before a kill is what stands after it': ({ user, seen, history }) =>
    differs(user, 'what was seen', seen, history.slice(0, seen.length)),

  'ids are unique and nothing else was said': ({ user, history, answers, notices, reminders, sent, rounds }) => {
    const complaints = [];
    if (new Set(history.map(({ id }) => id)).size !== history.length) complaints.push(`${user}: an id stands twice`);
    const known = sent.length + answers.length + notices.length + rounds + 1 +
      reminders.filter(({ text }) => times(history, text)).length;
    if (known !== history.length) complaints.push(`${user}: ${history.length} activities, ${known} are accounted for`);
    return complaints;
  },
};
