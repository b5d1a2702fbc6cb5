/**
 * Log lines: a constant message and fields, on standard output, with secrets taken out.
 * No pino transport is used: those run in worker threads, which the executable does not carry.
 */
import { type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";
import { prettyLine } from "./log-pretty.ts";

export type Log = Logger;

/** Waiting lines beyond this are dropped: a reader of standard output that stands still must not stop the server. */
const maxWaitingBytes = 8 * 1024 * 1024;
/** Nor may it keep the process from ending. */
const flushMaxMs = 1_000;

/** `write` takes whole lines; by default they go to standard output (see `flushLog`). */
export function createLog(config: Pick<Config, "logLevel" | "logFormat">, write?: (line: string) => void): Log {
  const out: pino.DestinationStream = write ? { write } : standardOutput();
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }), log: clean },
      serializers: { err: (value: unknown) => value }, // clean() has made it a plain object; pino's own would add to it
      redact: { paths: secretBindings, censor: removed },
      hooks: { logMethod: withConstantMessage },
    },
    config.logFormat === "pretty" ? { ...out, write: (line: string) => out.write(prettyLine(line)) } : out,
  );
}

function standardOutput() {
  const stream = pino.destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  const waiting: (() => void)[] = [];
  let written = true;
  const drained = (): void => {
    written = true;
    for (const done of waiting.splice(0)) done();
  };
  stream.on("drain", drained);
  stream.on("error", drained); // nobody reads any more
  return {
    write(line: string) {
      written = false;
      stream.write(line);
    },
    // The stream's own flush does not wait for the line that is being written.
    flush(done: () => void = () => {}) {
      if (written) return done();
      const late = setTimeout(done, flushMaxMs);
      waiting.push(() => {
        clearTimeout(late);
        done();
      });
    },
    flushSync: () => stream.flushSync(), // pino calls it after a fatal line
  };
}

/** Resolves when every line so far is written, or nobody reads them: call it before the process exits. */
export const flushLog = (log: Log): Promise<void> => new Promise((resolve) => log.flush(() => resolve()));

const secretKey =
  /authorization|cookie|password|passwd|secret|token|jwt|api_?key|private_?key|database_?url|credential/i;
const removed = "[removed]";
const maxDepth = 6;

/** Bindings of child loggers do not pass through `clean`. */
const secretBindings = ["authorization", "cookie", "password", "secret", "token"].flatMap((name) => [
  name,
  `*.${name}`,
]);

/** `log.error(error)` would make the message of the error, which holds values, the message of the line. */
function withConstantMessage(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, message] = args;
  if (first instanceof Error) method.call(this, { err: first }, message ?? "error");
  else method.apply(this, args);
}

/** The same fields without secrets: by name of the field, and inside texts bearer tokens and passwords of addresses. */
const clean = (fields: Record<string, unknown>): Record<string, unknown> => cleanObject(fields, 0);

function cleanObject(fields: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    result[key] = secretKey.test(key) && value !== undefined ? removed : cleanValue(value, depth + 1);
  }
  return result;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > maxDepth) return "[deep]";
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return cleanObject(value, depth);
}

const cleanText = (text: string): string =>
  text
    .replace(/(bearer[ .])[\w.~+/=-]+/gi, `$1${removed}`)
    .replace(/(\w:\/\/[^\s/:@]*):[^\s/@]+@/g, `$1:${removed}@`)
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, removed)
    .replace(/\btw_[\dA-Za-z]+_[\dA-Za-z]+/g, removed);

/** Drizzle puts every parameter of a failed query (password hashes, tokens) into its message. */
const withoutParameters = (text: string): string => text.replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/, "");

/** Only these members: drivers hang queries, parameters and rows on their errors. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: cleanValue(error.cause, depth + 1) };
  return {
    type: error.name,
    ...code,
    message: cleanText(withoutParameters(error.message)),
    stack: cleanText(withoutParameters(error.stack ?? "")),
    ...cause,
  };
}
