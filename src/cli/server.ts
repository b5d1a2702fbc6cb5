/** `serve`, `health`, `version`. */
import { version } from "../core/version.ts";
import type { Command } from "./command.ts";

const serveCommand: Command = {
  name: "serve",
  group: "Server",
  summary: "Start the server",
  about:
    "Runs until SIGTERM or SIGINT. With --json the line that tells where it listens is one JSON document, and its log is JSON lines.",
  options: [],
  examples: [
    ["taskwire serve", "listens on http://127.0.0.1:3000 with the embedded database in ./data"],
    ["PORT=8080 HOST=0.0.0.0 taskwire serve", "listens on every interface"],
    ["DATABASE_URL=postgres://me:secret@db/tasks taskwire serve", "uses PostgreSQL"],
  ],
  run: async (_given, terminal) => (await import("./serve.ts")).serve(terminal),
};

const healthCommand: Command = {
  name: "health",
  group: "Server",
  summary: "Ask the server that runs with this configuration whether it is ready",
  about: "Exits with 0 where it is, else with 1; for health checks of containers.",
  options: [],
  examples: [["taskwire health", "asks http://127.0.0.1:3000/health/ready"]],
  run: async (_given, terminal) => (await import("./health.ts")).health(terminal),
};

const versionCommand: Command = {
  name: "version",
  group: "Server",
  summary: "Print the version",
  options: [],
  examples: [["taskwire version", `prints ${version}`]],
  run: async (_given, terminal) => {
    terminal.answer({ version }, [version]);
    return 0;
  },
};

export const serverCommands: readonly Command[] = [serveCommand, healthCommand, versionCommand];
