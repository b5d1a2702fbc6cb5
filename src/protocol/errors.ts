/** The closed list of error codes, the same over HTTP and over the socket. */
import { z } from "zod";

interface ErrorKind {
  /** HTTP status of the problem+json answer. */
  readonly status: number;
  /** May the same request succeed later without being changed? */
  readonly retry: boolean;
  readonly title: string;
}

export const errorKinds = {
  invalid: { status: 422, retry: false, title: "The request does not fit its schema" },
  unauthenticated: { status: 401, retry: false, title: "Sign in first" },
  forbidden: { status: 403, retry: false, title: "Not allowed" },
  not_found: { status: 404, retry: false, title: "Not found" },
  method_not_allowed: { status: 405, retry: false, title: "Method not allowed" },
  conflict: { status: 409, retry: false, title: "In conflict with what is there now" },
  gone: { status: 410, retry: false, title: "No longer available" },
  too_large: { status: 413, retry: false, title: "Too large" },
  unsupported_media_type: { status: 415, retry: false, title: "Unsupported media type" },
  idempotency_mismatch: { status: 422, retry: false, title: "This idempotency key was used with another request" },
  rate_limited: { status: 429, retry: true, title: "Too many requests" },
  internal: { status: 500, retry: true, title: "Internal error" },
  unavailable: { status: 503, retry: true, title: "Temporarily unavailable" },
  storage_full: { status: 507, retry: true, title: "The disk is full" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** Is `code` one of the closed list? */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code);

export const ErrorIssue = z.object({ path: z.string(), message: z.string() });
export type ErrorIssue = z.infer<typeof ErrorIssue>;

export interface ErrorExtras {
  /** Where the input was wrong. */
  readonly errors?: readonly ErrorIssue[];
  /** For `conflict`: the resource as it stands now. */
  readonly current?: unknown;
  /** For `rate_limited` and `unavailable`: seconds to wait. */
  readonly retryAfter?: number;
  /** For `method_not_allowed`: the methods the path takes, as the header `Allow` lists them. */
  readonly allow?: string;
}

/** Every expected failure is one of these; anything else that is thrown is answered as `internal`. */
export class AppError extends Error {
  override readonly name = "AppError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly extras: ErrorExtras = {},
  ) {
    super(message);
  }
}

/** Body of an error over HTTP (H1), as application/problem+json. */
export const Problem = z.object({
  /** `urn:taskwire:error:` and the code. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(ErrorIssue).optional(),
  current: z.unknown().optional(),
  request_id: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** Body of an error on the socket (S2). */
export const SocketError = z.object({
  code: z.string(),
  message: z.string(),
  errors: z.array(ErrorIssue).optional(),
  current: z.unknown().optional(),
  retry_after: z.number().optional(),
});
export type SocketError = z.infer<typeof SocketError>;

/** Close codes of S9; the range tells a client what to do. */
export const closeCodes = {
  badProtocol: 4400,
  unauthenticated: 4401,
  revoked: 4403,
  slowConsumer: 4408,
  flooding: 4429,
  restart: 1012,
  tooLarge: 1009,
} as const;

/** More than a form has fields; an answer must not be many times what was asked. */
export const issuesMax = 50;

/** Zod issues as the paths of H1, the first of them; never holds the rejected value. */
export const issuesOf = (error: z.ZodError): ErrorIssue[] =>
  error.issues
    .slice(0, issuesMax)
    .flatMap((issue) => {
      const path = issue.path.map(String);
      // An unknown key is wrong itself, not the object it stands in.
      if (issue.code === "unrecognized_keys")
        return issue.keys
          .slice(0, issuesMax)
          .map((key) => ({ path: [...path, key].join("."), message: "is not known here" }));
      return [{ path: path.join("."), message: issue.message }];
    })
    .slice(0, issuesMax);

/** The failure of one value; `path` is empty for the whole body. */
export const invalid = (path: string, message: string): AppError =>
  new AppError("invalid", `${path || "body"}: ${message}`, { errors: [{ path, message }] });

/** Parses `input` or throws `invalid` with the paths, `issuesMax` at most. */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = issuesOf(result.error);
  const first = errors[0];
  throw new AppError("invalid", first ? `${first.path || "body"}: ${first.message}` : "invalid", { errors });
}
