/** The command line: picks the command, prints help and errors, answers the exit code. */
import { version } from "../core/version.ts";
import { type Command, UsageError } from "./command.ts";
import { explain } from "./explain.ts";
import { helpOf, overview } from "./help.ts";

/** Each command is loaded when it is called, so that `version` does not load the server. */
const commands: readonly Command[] = [
  {
    name: "serve",
    summary: "Start the server (also what happens without a command)",
    examples: [
      ["taskwire serve", "listens on http://127.0.0.1:3000 with the embedded database in ./data"],
      ["PORT=8080 HOST=0.0.0.0 taskwire serve", "listens on every interface"],
      ["DATABASE_URL=postgres://me:secret@db/tasks taskwire serve", "uses PostgreSQL"],
    ],
    run: async () => (await import("./serve.ts")).serve(),
  },
  {
    name: "health",
    summary: "Ask the server that runs with this configuration whether it is ready",
    examples: [["taskwire health", "exits with 0 where it is, else with 1; for container health checks"]],
    run: async () => (await import("./health.ts")).health(),
  },
  {
    name: "version",
    summary: "Print the version",
    examples: [["taskwire version", `prints ${version}`]],
    run: async () => {
      console.log(version);
      return 0;
    },
  },
];

/** Runs `args` (without the program's own name); answers the exit code: 0 done, 1 failed, 2 a wrong command line. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    const { lines, exitCode } = explain(error);
    for (const line of lines) console.error(line);
    return exitCode;
  }
}

async function dispatch([first = "serve", ...rest]: readonly string[]): Promise<number> {
  if (first === "--version" || first === "-v") return dispatch(["version", ...rest]);
  if (first === "--help" || first === "-h" || first === "help") return printHelp(rest);
  const command = find(first);
  if (rest.includes("--help") || rest.includes("-h")) return printHelp([first]);
  if (rest[0] !== undefined) throw new UsageError(`"${command.name}" takes no "${rest[0]}"`);
  return command.run();
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw new UsageError(`there is no command "${name}"`);
  return command;
}

function printHelp([name]: readonly string[]): number {
  console.log(name === undefined ? overview(commands) : helpOf(find(name)));
  return 0;
}
