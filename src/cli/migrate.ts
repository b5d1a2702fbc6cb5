/** `taskwire migrate …`: the tables of the database. */
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { flag, whole } from "./option.ts";
import { perform } from "./perform.ts";
import { table } from "./table.ts";

const operations = () => import("./migrate-operations.ts");

const steps = whole("steps", "How many to take back, the last first", { min: 1, max: 10_000, fallback: 1 });
const yes = flag("yes", "Do not ask");

const statusCommand: Command = {
  name: "migrate status",
  group: "Database",
  summary: "Show which migrations the database has",
  about: "Each is applied, pending, ahead (of a newer version) or changed (edited after it was applied).",
  options: [],
  examples: [["taskwire migrate status", "lists them with the time they were applied"]],
  async run(_given, terminal) {
    const status = await perform(async () => (await operations()).getStatus, {}, terminal);
    const { applied, pending, ahead, changed } = status;
    const stateOf = (name: string): string =>
      ahead.includes(name) ? "ahead" : changed.includes(name) ? "changed" : "applied";
    const rows = [
      ...applied.map(({ name, applied_at }) => [name, stateOf(name), applied_at]),
      ...pending.map((name) => [name, "pending", ""]),
    ];
    const { paint, width } = terminal;
    const notes = [
      ...(pending.length > 0 ? ['"taskwire migrate up" applies what is pending; so does a server that starts.'] : []),
      ...(ahead.length > 0
        ? ["What is ahead was applied by a newer version. This one works beside it if that is the next release."]
        : []),
      ...(changed.length > 0
        ? ["What is changed was edited after it was applied: this version does not start on this database."]
        : []),
    ];
    const advice = notes.length > 0 ? ["", ...notes] : [];
    terminal.answer(status, [...table(["migration", "state", "since"], rows, { width, title: paint.bold }), ...advice]);
    return 0;
  },
};

const upCommand: Command = {
  name: "migrate up",
  group: "Database",
  summary: "Bring the database up to this version",
  about: "A server does the same when it starts. Makes the embedded database where there is none.",
  options: [],
  examples: [["taskwire migrate up", "applies what is pending, each in a transaction of its own"]],
  async run(_given, terminal) {
    const done = await perform(async () => (await operations()).goUp, {}, terminal);
    terminal.answer(
      done,
      done.applied.length === 0 ? ["Nothing to do."] : done.applied.map((name) => `applied ${name}`),
    );
    return 0;
  },
};

const downCommand: Command = {
  name: "migrate down",
  group: "Database",
  summary: "Take back the last migration, and the data it holds",
  about: "Only while no server uses the database. Asks first, on a terminal.",
  options: [steps, yes],
  examples: [["taskwire migrate down --yes", "takes back the last one without asking"]],
  async run(given, terminal) {
    const count = steps.read(given);
    const what = count === 1 ? "the last migration" : `the last ${count} migrations`;
    if (!yes.read(given) && !(await terminal.confirm(`Take back ${what}, and lose the data in its tables?`)))
      throw new CommandError("stopped", "Nothing was changed.");
    const done = await perform(async () => (await operations()).goDown, { steps: count }, terminal);
    const lines = done.taken_back.map((name) => `took back ${name}`);
    terminal.answer(done, lines.length === 0 ? ["There is none to take back."] : lines);
    return 0;
  },
};

export const migrateCommands: readonly Command[] = [statusCommand, upCommand, downCommand];
