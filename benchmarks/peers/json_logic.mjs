// Filters over what is known of people in json-logic-js.
//   json_logic.mjs FILE   a line with the list of filters, as interject's API takes them; then a person's attributes a line
// Prints `sample UNITS WALL CPU CHECKSUM`: how many people each filter finds, times its number from 1, all added up.
import { readFileSync } from "node:fs";
import jsonLogic from "json-logic-js";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("json_logic.mjs FILE");
  process.exit(2);
}

const operators = {
  eq: (a, b) => ({ "==": [a, b] }),
  ne: (a, b) => ({ "!=": [a, b] }),
  ge: (a, b) => ({ ">=": [a, b] }),
  lt: (a, b) => ({ "<": [a, b] }),
  in: (a, b) => ({ in: [a, b] }),
  contains: (a, b) => ({ in: [b, a] }),
};
const rule_of = (groups) => ({
  or: groups.map((all) => ({ and: all.map(({ field, op, value }) => operators[op]({ var: field.slice("custom.".length) }, value)) })),
});

const lines = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const rules = lines.shift().map(rule_of), people = lines;

let checksum = 0;
const before = process.cpuUsage(), from = process.hrtime.bigint();
for (const person of people)
  for (let i = 0; i < rules.length; ++i)
    if (jsonLogic.apply(rules[i], person)) checksum += i + 1;
const wall = Number(process.hrtime.bigint() - from) / 1e9, used = process.cpuUsage(before);
console.log(`sample ${rules.length * people.length} ${wall} ${(used.user + used.system) / 1e6} ${checksum}`);
