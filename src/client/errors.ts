/** What can go wrong, as one error with the wire's code. */
import type { ErrorCode, ErrorIssue, errorKinds, SocketError } from "../protocol/errors.ts";

/**
 * The wire's codes, and three of the client's own: `network` (no answer came: nobody knows what the server did), `closed`
 * (the client was closed, or the server sent it away) and `outbox_full` (too many writes wait for a connection).
 */
export type ClientErrorCode = ErrorCode | "network" | "closed" | "outbox_full";

interface Extras {
  /** HTTP status, where the answer came over HTTP. */
  readonly status?: number | undefined;
  readonly errors?: readonly ErrorIssue[] | undefined;
  /** For `conflict`: the resource as it stands on the server. */
  readonly current?: unknown;
  /** For `rate_limited` and `unavailable`: milliseconds to wait. */
  readonly retryAfterMs?: number | undefined;
}

export class TaskwireError extends Error {
  override readonly name = "TaskwireError";
  constructor(
    readonly code: ClientErrorCode,
    message: string,
    readonly extras: Extras = {},
  ) {
    super(message);
  }

  /** May the same request succeed later, unchanged? */
  get retry(): boolean {
    return retries[this.code];
  }
}

// Written out because the protocol's table comes with the validator; the type makes it follow that table.
const retries: { readonly [Code in ErrorCode]: (typeof errorKinds)[Code]["retry"] } & {
  readonly network: true;
  readonly closed: false;
  readonly outbox_full: false;
} = {
  invalid: false,
  unauthenticated: false,
  forbidden: false,
  not_found: false,
  method_not_allowed: false,
  conflict: false,
  gone: false,
  too_large: false,
  unsupported_media_type: false,
  idempotency_mismatch: false,
  rate_limited: true,
  internal: true,
  unavailable: true,
  storage_full: true,
  network: true,
  closed: false,
  outbox_full: false,
};

const own: ReadonlySet<string> = new Set<ClientErrorCode>(["network", "closed", "outbox_full"]);

/** A code of a newer server that this client does not know counts as `internal`. */
export const knownCode = (code: unknown): ErrorCode => (isKnown(code) ? code : "internal");
const isKnown = (code: unknown): code is ErrorCode =>
  typeof code === "string" && !own.has(code) && Object.hasOwn(retries, code);

/** The error of a socket answer (S2). */
export function fromSocketError({ code, message, errors, current, retry_after }: SocketError): TaskwireError {
  const retryAfterMs = retry_after === undefined ? undefined : retry_after * 1000;
  return new TaskwireError(knownCode(code), message, { errors, current, retryAfterMs });
}

export const networkError = (message = "the server cannot be reached"): TaskwireError =>
  new TaskwireError("network", message);
