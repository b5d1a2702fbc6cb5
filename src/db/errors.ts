/** What a database error means to the caller: by SQLSTATE, or by the code the driver or the system gave it. */
import { AppError } from "../protocol/errors.ts";

/** Seconds after which a client may try again. */
const retryAfter = 1;

// Five characters, at least one of them a digit: EPIPE is five characters too.
const sqlStateShape = /^(?=.*\d)[0-9A-Z]{5}$/;

const lostLinkCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOENT", // a socket file that is not there
  "ENOTFOUND",
  "EAI_AGAIN",
]);

// The server goes away, or is not there yet: admin shutdown, crash, starting up, gone idle in a transaction or a session.
const lostLinkStates = new Set(["57P01", "57P02", "57P03", "57P05", "25P03"]);

/** The SQLSTATE of an error of postgres.js, also where drizzle wrapped it. */
export const sqlState = (error: unknown): string | undefined => codesOf(error).find((code) => sqlStateShape.test(code));

/** Was the link to the database lost? What was asked over it may or may not have happened. */
export const isLinkLost = (error: unknown): boolean =>
  codesOf(error).some((code) => lostLinkCodes.has(code) || lostLinkStates.has(code) || code.startsWith("08"));

/** What every guarded call is answered with during an outage. */
export const databaseUnavailable = (cause?: unknown): AppError =>
  withCause(new AppError("unavailable", "the database does not answer; try again", { retryAfter }), cause);

/** An error of the database as the contract's code where it has one; anything else as it is. */
export function asAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isLinkLost(error)) return databaseUnavailable(error);
  switch (sqlState(error)) {
    case "53100":
      return storageFull(error);
    case "XX000":
      return causesOf(error).some((cause) => "message" in cause && cause.message === fullAtStart)
        ? storageFull(error)
        : error;
    case "57014":
      return busy("the database took too long; try again", error);
    case "55P03":
    case "40P01":
      return busy("someone else is changing the same thing; try again", error);
    case "53200":
    case "53300":
      return busy("the database is overloaded; try again", error);
    default:
      return error;
  }
}

/** What a new session of PostgreSQL ends with on a full disk, under no code of its own, before it does anything. */
const fullAtStart = "could not write init file";

const storageFull = (cause: unknown) =>
  withCause(
    new AppError("storage_full", "the database's disk is full: nothing was saved; free space on it and try again"),
    cause,
  );

const busy = (message: string, cause: unknown) =>
  withCause(new AppError("unavailable", message, { retryAfter }), cause);

/** Keeps the cause for the log. */
function withCause(error: AppError, cause: unknown): AppError {
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** Codes of the error and of its causes, outermost first. */
const codesOf = (error: unknown): string[] =>
  causesOf(error).flatMap((cause) => ("code" in cause && typeof cause.code === "string" ? [cause.code] : []));

/** The error and its causes, outermost first. */
function causesOf(error: unknown): object[] {
  const causes: object[] = [];
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    causes.push(at);
    at = "cause" in at ? at.cause : undefined;
  }
  return causes;
}
