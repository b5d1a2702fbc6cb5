/**
 * `bun run bench [scenario …] [--rounds 3] [--seconds 5]`: each scenario measures Taskwire and its limit side by side,
 * round about, and prints the medians with the ratio that is promised (docs/benchmarks.md).
 */
import { join } from "node:path";
import { createLines } from "./lines.ts";
import type { Bench, Scenario } from "./scenario.ts";
import { connect } from "./scenarios/connect.ts";
import { fanout, socketio } from "./scenarios/fanout.ts";
import { jobs } from "./scenarios/jobs.ts";
import { nodes } from "./scenarios/nodes.ts";
import { page } from "./scenarios/page.ts";
import { publish } from "./scenarios/publish.ts";
import { reminders } from "./scenarios/reminders.ts";
import { rest } from "./scenarios/rest.ts";
import { rooms } from "./scenarios/rooms.ts";
import { snapshot } from "./scenarios/snapshot.ts";
import { stampede } from "./scenarios/stampede.ts";
import { start } from "./scenarios/start.ts";
import { update } from "./scenarios/update.ts";

const scenarios: Readonly<Record<string, Scenario>> = {
  update,
  fanout,
  rooms,
  socketio,
  publish,
  connect,
  rest,
  snapshot,
  start,
  nodes,
  stampede,
  jobs,
  reminders,
  page,
};

function parseArguments(words: string[]) {
  const take = (name: string, otherwise: number): number => {
    const at = words.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(words.splice(at, 2)[1]);
  };
  return { rounds: take("rounds", 3), seconds: take("seconds", 5), names: words };
}

const { rounds, seconds, names } = parseArguments(process.argv.slice(2));
const unknown = names.find((name) => !Object.hasOwn(scenarios, name));
if (unknown !== undefined)
  throw new Error(`there is no scenario ${unknown}; there are ${Object.keys(scenarios).join(", ")}`);
const root = join(import.meta.dirname, "../..");
const executable = join(root, "dist/taskwire");
const built = await Bun.file(executable).exists();
const command = built ? [executable] : [process.execPath, join(root, "src/main.ts")];
const bench: Bench = { rounds, seconds, command, lines: createLines(rounds) };
for (const [name, scenario] of Object.entries(scenarios)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n${name}`);
  await scenario(bench);
}
bench.lines.write();
process.exit(bench.lines.kept ? 0 : 1);
