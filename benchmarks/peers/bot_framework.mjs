// The order dialog in the Bot Framework, at its best: in one process, its state in memory, no network, nothing durable.
//   turns SCRIPT                    the script's lines are a customer's number and the words of an order, with tabs between
//   interruptions CUSTOMERS CYCLES  a question asked, an alert pushed over it, "yes", the question again
//   http PORT                       a turn for each POST of {"text"} to /CUSTOMER, until it is killed
// Prints `sample UNITS WALL CPU CHECKSUM`: the sum of the FNV-1a hashes of all that the bot said.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { BotAdapter, ConversationState, MemoryStorage, TurnContext } from "botbuilder";
import { ChoicePrompt, ConfirmPrompt, DialogSet, DialogTurnStatus, ListStyle, NumberPrompt, TextPrompt, WaterfallDialog } from "botbuilder-dialogs";

const plain = (prompt) => Object.assign(prompt, { style: ListStyle.none });

const state = new ConversationState(new MemoryStorage());
const dialogs = new DialogSet(state.createProperty("dialogs"));
dialogs.add(new TextPrompt("text"));
dialogs.add(new NumberPrompt("number", async (p) => p.recognized.succeeded && p.recognized.value >= 1 && p.recognized.value <= 100));
dialogs.add(plain(new ChoicePrompt("choice")));
dialogs.add(plain(new ConfirmPrompt("confirm")));
dialogs.add(new WaterfallDialog("order", [
  (step) => step.prompt("text", "What would you like?"),
  (step) => { step.values.item = step.result; return step.prompt("number", "How many?"); },
  (step) => { step.values.count = step.result; return step.prompt("choice", { prompt: "Which size?", choices: ["small", "medium", "large"] }); },
  (step) => { step.values.size = step.result.value; return step.prompt("choice", { prompt: "For here, or to go?", choices: ["for here", "to go"] }); },
  async (step) => {
    const { count, size, item } = step.values;
    await step.context.sendActivity(`${count} ${size} ${item}, ${step.result.value}.`);
    return step.endDialog();
  },
]));
dialogs.add(new WaterfallDialog("alert", [
  (step) => step.prompt("confirm", `It is at ${step.options.price}. Sell it?`),
  async (step) => {
    if (step.result) await step.context.sendActivity("Sold.");
    return step.endDialog();
  },
]));

// Takes what the bot says; the least that an adapter can do.
class Adapter extends BotAdapter {
  async sendActivities(context, activities) {
    for (const a of activities) if (a.type === "message") context.turnState.get("said").push(a.text);
    return activities.map(() => ({ id: "" }));
  }
  async updateActivity() {}
  async deleteActivity() {}
}
const adapter = new Adapter();

async function turn(customer, activity, logic) {
  const said = [];
  const context = new TurnContext(adapter, {
    channelId: "directline", conversation: { id: `c-${customer}` }, from: { id: `dl_${customer}`, role: "user" }, recipient: { id: "orders" }, locale: "en-us", ...activity });
  context.turnState.set("said", said);
  await adapter.runMiddleware(context, async (c) => {
    await logic(c);
    await state.saveChanges(c);
  });
  return said;
}

const say = (customer, text) => turn(customer, { type: "message", text }, async (c) => {
  const dc = await dialogs.createContext(c);
  const done = await dc.continueDialog();
  if (done.status === DialogTurnStatus.empty) await dc.beginDialog("order");
});

const interrupt = (customer) => turn(customer, { type: "event", name: "ContinueConversation" }, async (c) => {
  const dc = await dialogs.createContext(c);
  await dc.beginDialog("alert", { price: 100 });
});

const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6; };

function checksum(texts) {
  let sum = 0n;
  const known = new Map();
  for (const text of texts) {
    if (!known.has(text)) {
      let hash = 14695981039346656037n;
      for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1099511628211n);
      known.set(text, hash);
    }
    sum = BigInt.asUintN(64, sum + known.get(text));
  }
  return sum;
}

async function measured(units, work) {
  const all = [];
  const wall = seconds(), used = cpu();
  await work((said) => { for (const text of said) all.push(text); });
  console.log(`sample ${units} ${seconds() - wall} ${cpu() - used} ${checksum(all)}`);
}

const [what, ...args] = process.argv.slice(2);
if (what === "turns") {
  const orders = readFileSync(args[0], "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  for (let i = 0; i < 200; ++i) for (const text of orders[i % orders.length].slice(1)) await say(`warm-${i % 20}`, text);
  await measured(orders.length * 5, async (heard) => {
    for (const [customer, ...says] of orders) for (const text of says) heard(await say(customer, text));
  });
} else if (what === "interruptions") {
  const [customers, cycles] = args.map(Number);
  const cycle = async (customer) => [...await interrupt(customer), ...await say(customer, "yes")];
  for (let i = 0; i < 20; ++i) await say(`warm-${i}`, "order");
  for (let i = 0; i < 200; ++i) await cycle(`warm-${i % 20}`);
  for (let i = 0; i < customers; ++i) await say(i, "order");
  await measured(customers * cycles, async (heard) => {
    for (let k = 0; k < cycles; ++k) for (let i = 0; i < customers; ++i) heard(await cycle(i));
  });
} else if (what === "http") {
  createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const said = await say(request.url.slice(1), JSON.parse(body).text).catch((e) => { console.error(e); return [`${e}`]; });
    const answer = said.join("\n");
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": Buffer.byteLength(answer) }).end(answer);
  }).listen(Number(args[0]), "127.0.0.1");
} else {
  console.error("bot_framework.mjs turns SCRIPT | interruptions CUSTOMERS CYCLES | http PORT");
  process.exit(2);
}
