/** `taskwire seed`: made-up people, projects and tasks, to try the server and to measure it. */
import type { SeedResult } from "../features/seed/options.ts";
import type { Command } from "./command.ts";
import { flag, text, whole } from "./option.ts";
import { perform } from "./perform.ts";
import { fields, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const people = whole("people", "People to be there in all", { min: 1, max: 1_000, fallback: 5 });
const projects = whole("projects", "Projects to be there in all", { min: 1, max: 500, fallback: 3 });
const tasks = whole("tasks", "Tasks to be there in all", { min: 0, max: 1_000_000, fallback: 200 });
const seed = whole("seed", "Another number makes another world beside this one", {
  min: 0,
  max: 2 ** 31 - 1,
  fallback: 1,
});
const owner = text("owner", "email", "An account that becomes an owner of the projects");
const passwordStdin = flag("password-stdin", "Read the people's password from standard input; else one is made");

export const seedCommand: Command = {
  name: "seed",
  group: "Database",
  summary: "Fill the database with made-up people, projects and tasks",
  about:
    "Makes what is missing, so that the same command twice changes nothing, and one that was stopped goes on. The people sign in with one password, which is printed once.",
  options: [people, projects, tasks, seed, owner, passwordStdin],
  examples: [
    ["taskwire seed", "5 people, 3 projects, 200 tasks"],
    ["taskwire seed --people 20 --projects 4 --tasks 1000", "the same and more, beside people at work too"],
  ],
  async run(given, terminal) {
    const input = {
      people: people.read(given),
      projects: projects.read(given),
      tasks: tasks.read(given),
      seed: seed.read(given),
      owner: owner.read(given),
      password: passwordStdin.read(given) ? await terminal.readSecret("Password: ") : undefined,
    };
    const result = await perform(async () => (await import("./seed-operations.ts")).makeSeed, input, terminal);
    terminal.answer(result, linesOf(result, terminal));
    return 0;
  },
};

function linesOf(result: SeedResult, { paint, width }: Terminal): string[] {
  const { password, administrator } = result;
  const made = result.people.filter((person) => person.made);
  const rows = result.projects.map(({ key, name, tasks, made }) => [key, name, String(tasks), `+${made}`]);
  const access: [string, string][] = [];
  const account = administrator ?? made[0]?.email;
  if (account !== undefined) access.push(["sign in as", account]);
  if (password !== null) access.push(["password", password]);
  return [
    ...table(["key", "project", "tasks", "new"], rows, { width, title: paint.bold }),
    "",
    `${result.people.length} people, ${made.length} of them new.`,
    ...(access.length === 0 ? [] : ["", ...fields(access, paint.bold)]),
    ...(password === null ? [] : ["", "The password is everybody's, and is shown only now."]),
  ];
}
