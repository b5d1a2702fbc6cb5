/** `taskwire serve`: starts the server, prints where it is, and stops it on a signal. */
import { resolve } from "node:path";
import { type App, createApp, type Started } from "../app.ts";
import { type Config, loadConfig } from "../core/config.ts";
import { createLog, flushLog, type Log } from "../core/log.ts";
import { version } from "../core/version.ts";
import type { ControlServer } from "./control-server.ts";
import { asStartError } from "./start-advice.ts";
import { print, type Terminal } from "./terminal.ts";

/** What has not stopped by then is cut off: orchestrators kill after some seconds themselves. */
const stopDeadlineMs = 4800;

interface Application {
  start(): Promise<Started>;
  stop(): Promise<void>;
}

/** Resolves with the exit code after a signal stopped the server. Throws where it cannot start. */
export async function serve(terminal: Terminal): Promise<number> {
  const given = loadConfig(process.env);
  const config: Config = terminal.json ? { ...given, logFormat: "json" } : given;
  const log = createLog(config);
  const signal = nextSignal();
  const failure = nextFailure(log);
  const app = await startable(config, log, () => controlled(config, log, createApp(config, { log })));
  const started = startable(config, log, () => app.start());
  started.catch(() => {}); // where a signal came first, nobody waits for it any more
  const first = await Promise.race([started, signal, failure]);
  if (typeof first === "object") {
    if (terminal.json) printLine(config, first);
    else printBanner(config, first);
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

/** The application, with the control socket while it has the embedded database. */
function controlled(config: Config, log: Log, app: App): Application {
  let control: ControlServer | undefined;
  return {
    async start() {
      const started = await app.start();
      if (config.databaseUrl !== undefined) return started;
      const { startControlServer } = await import("./control-server.ts");
      const { store, administration } = started;
      try {
        control = startControlServer({ config, store, administration, serving: true }, log);
      } catch (error) {
        // People are served all the same; commands wait until the server is stopped.
        log.error({ err: error }, "no control socket: commands cannot reach this server");
      }
      return started;
    },
    async stop() {
      await Promise.all([control?.stop(), app.stop()]);
    },
  };
}

/** For programs, as one JSON document; its `message` is what scripts wait for in the banner. */
function printLine(config: Config, { url, setupUrl, databaseLabel, redisLabel }: Started): void {
  const { mode, signUp, dataDir, publicUrl } = config;
  const document = {
    message: `listening on ${url}`,
    url,
    public_url: publicUrl ?? url,
    database: databaseLabel,
    redis: redisLabel ?? null,
    broker: config.broker,
    data_dir: resolve(dataDir),
    mode,
    roles: config.roles,
    sign_up: signUp,
    setup_url: setupUrl ?? null,
    version,
  };
  print(JSON.stringify(document));
}

/** On standard output whatever the log level; the last line is what scripts wait for. */
function printBanner(config: Config, { url, setupUrl, databaseLabel, redisLabel }: Started): void {
  const web = config.roles.includes("web");
  const rows = [
    ...(web ? [["page", config.publicUrl ?? url]] : []),
    ["database", databaseLabel],
    ...(redisLabel === undefined ? [] : [["redis", redisLabel]]),
    ["data", resolve(config.dataDir)],
    ["mode", `${config.mode}, ${web ? `sign-up ${config.signUp}` : "jobs alone"}`],
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
