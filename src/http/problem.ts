/** Errors over HTTP (H1): every failure becomes one `application/problem+json`, mapped here and nowhere else. */
import { NotFoundError, ParseError } from "elysia";
import type { Log } from "../core/log.ts";
import { asAppError } from "../db/errors.ts";
import { AppError, type ErrorCode, errorKinds, type Problem } from "../protocol/errors.ts";

interface ProblemContext {
  readonly requestId: string;
  readonly log: Log;
  /** Who asked: one who is gone gets no answer, and what could not be read of theirs is no failure of ours. */
  readonly signal: AbortSignal;
}

/** Seconds named in `Retry-After` where the error does not say. */
const defaultRetryAfterSeconds = 1;
const withRetryAfter: ReadonlySet<ErrorCode> = new Set(["rate_limited", "unavailable"]);

/** The answer to anything that was thrown. What is not an expected failure is logged and answered as `internal`. */
export function problem(thrown: unknown, { requestId, log, signal }: ProblemContext): Response {
  const error = expectedError(thrown) ?? (signal.aborted && isAbort(thrown) ? cutOff() : undefined);
  if (!error) log.error({ err: thrown, request_id: requestId }, "request failed");
  else if (errorKinds[error.code].status >= 500) log.warn({ err: thrown, request_id: requestId }, "request not served");
  return problemResponse(error ?? unexpected(), requestId);
}

const isAbort = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === "AbortError";
const cutOff = () => new AppError("invalid", "the connection closed before the body had come");

const unexpected = () =>
  new AppError("internal", "something went wrong here; the request id helps to find it in the log");

function problemResponse({ code, message, extras }: AppError, requestId: string): Response {
  const { status, title } = errorKinds[code];
  const body: Problem = {
    type: `urn:taskwire:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(extras.errors && { errors: [...extras.errors] }),
    ...(extras.current !== undefined && { current: extras.current }),
    request_id: requestId,
  };
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  if (extras.allow !== undefined) headers.set("allow", extras.allow);
  if (withRetryAfter.has(code)) {
    headers.set("retry-after", String(Math.max(1, Math.ceil(extras.retryAfter ?? defaultRetryAfterSeconds))));
  }
  return new Response(JSON.stringify(body), { status, headers });
}

/** The expected failure behind what was thrown; undefined where there is none. */
function expectedError(thrown: unknown): AppError | undefined {
  const error = asAppError(thrown);
  if (error instanceof AppError) return error;
  if (error instanceof NotFoundError) return new AppError("not_found", "there is nothing at this path");
  if (error instanceof ParseError) return new AppError("invalid", "the body cannot be read as its content type says");
  return undefined;
}
