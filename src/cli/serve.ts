/** `taskwire serve`: starts the server, prints where it is, and stops it on a signal. */
import { resolve } from "node:path";
import { createApp } from "../app.ts";
import { type Config, loadConfig } from "../core/config.ts";
import { createLog, flushLog, type Log } from "../core/log.ts";
import { version } from "../core/version.ts";
import { asStartError } from "./start-advice.ts";

/** What has not stopped by then is cut off: orchestrators kill after some seconds themselves. */
const stopDeadlineMs = 4800;

interface Started {
  /** `http://HOST:PORT` of the listener. */
  readonly url: string;
  /** Where the first account is made, while there is none and sign-up is by invitation. */
  readonly setupUrl?: string | undefined;
  readonly databaseLabel: string;
}

interface Application {
  start(): Promise<Started>;
  stop(): Promise<void>;
}

/** Resolves with the exit code after a signal stopped the server. Throws where it cannot start. */
export async function serve(): Promise<number> {
  const config = loadConfig(process.env);
  const log = createLog(config);
  const signal = nextSignal();
  const failure = nextFailure(log);
  const app = await startable(config, log, () => createApp(config, { log }));
  const started = startable(config, log, () => app.start());
  started.catch(() => {}); // where a signal came first, nobody waits for it any more
  const first = await Promise.race([started, signal, failure]);
  if (typeof first === "object") {
    printBanner(config, first);
    await Promise.race([signal, failure]);
  }
  exitOnNextSignal();
  const exitCode = await stop(app, log, failure);
  await flushLog(log);
  return exitCode;
}

/** Runs `open`; an error that no person can act on goes to the log with its stack before it is thrown on. */
async function startable<T>(config: Config, log: Log, open: () => Promise<T> | T): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const known = asStartError(error, config);
    if (known) throw known;
    log.fatal({ err: error }, "could not start");
    await flushLog(log);
    throw error;
  }
}

/** On standard output whatever the log level; the last line is what scripts wait for. */
function printBanner(config: Config, { url, setupUrl, databaseLabel }: Started): void {
  const rows = [
    ["page", config.publicUrl ?? url],
    ["database", databaseLabel],
    ["data", resolve(config.dataDir)],
    ["mode", `${config.mode}, sign-up ${config.signUp}`],
    ...(setupUrl === undefined ? [] : [["setup", `${setupUrl}   (make the first account here)`]]),
  ];
  console.log(`\n  Taskwire ${version}\n`);
  for (const [name = "", value = ""] of rows) console.log(`  ${name.padEnd(9)} ${value}`);
  console.log(`\nlistening on ${url}`);
}

async function stop(app: Application, log: Log, failure: Promise<"failure">): Promise<number> {
  const failed = await Promise.race([failure.then(() => true), Promise.resolve(false)]);
  log.info({}, "stopping");
  const late = Bun.sleep(stopDeadlineMs).then(() => "late" as const);
  if ((await Promise.race([app.stop(), late])) === "late") {
    log.error({ deadline_ms: stopDeadlineMs }, "did not stop in time");
    return 1;
  }
  log.info({}, "stopped");
  return failed ? 1 : 0;
}

/** Resolves at the first SIGTERM or SIGINT. */
const nextSignal = (): Promise<"signal"> =>
  new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve("signal"));
  });

/** Who signals again does not want to wait. */
function exitOnNextSignal(): void {
  process.once("SIGTERM", () => process.exit(128 + 15));
  process.once("SIGINT", () => process.exit(128 + 2));
}

/** Resolves at an error nobody caught: memory can no longer be relied on, what was acknowledged is in the database. */
const nextFailure = (log: Log): Promise<"failure"> =>
  new Promise((resolve) => {
    process.on("uncaughtException", (error) => {
      log.fatal({ err: error }, "uncaught error");
      resolve("failure");
    });
    process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled rejection"));
  });
