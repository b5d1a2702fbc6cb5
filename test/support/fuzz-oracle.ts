/** What an answer must be like, whatever was sent. Each function answers what is wrong, in words, or undefined. */
import { codesOf } from "../../src/http/openapi.ts";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { type ErrorCode, errorKinds, isErrorCode, Problem, SocketError } from "../../src/protocol/errors.ts";
import { type ClientFrameName, clientFrames } from "../../src/protocol/frames.ts";

/** Codes of a server that fails: no input may be the cause of one. */
const failures: ReadonlySet<string> = new Set(["internal", "unavailable", "storage_full"]);

/** What an answer must not hold: places in the code, the database's words. */
const inside =
  /\.ts:\d|node_modules|\n\s+at |PostgresError|\b(?:select|insert|update) .+ (?:from|into|set) |SQLSTATE|ERR_/;

const StrictProblem = Problem.strict();
const StrictError = SocketError.strict();

/** An answer to an HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `more`: codes beyond those the endpoint documents. */
export function judgeAnswer(
  endpoint: Endpoint,
  { status, type, text }: HttpAnswer,
  more: readonly ErrorCode[],
): string | undefined {
  if (status >= 500) return `answered ${status} ${text}`;
  if (status < 300) return judgeSuccess(endpoint, { status, type, text });
  return judgeProblem({ status, type, text }, new Set([...codesOf(endpoint), ...more]));
}

function judgeSuccess(endpoint: Endpoint, { status, type, text }: HttpAnswer): string | undefined {
  const { status: wanted = 200, answer, media = "application/json" } = endpoint;
  if (status !== wanted) return `answered ${status}, and declares ${wanted}`;
  if (wanted === 204) return text === "" ? undefined : "204 with a body";
  if (!type.startsWith(media)) return `answered ${type}, and declares ${media}`;
  const body = media === "application/json" ? parsed(text) : text;
  const read = answer?.safeParse(body);
  return read?.success === false
    ? `answered what it does not declare: ${read.error.message} ${text.slice(0, 300)}`
    : undefined;
}

/** Is it a problem (H1) with one of these codes? */
export function judgeProblem({ status, type, text }: HttpAnswer, codes?: ReadonlySet<string>): string | undefined {
  if (type !== "application/problem+json") return `${status} is no problem but ${type} ${text.slice(0, 200)}`;
  const read = StrictProblem.safeParse(parsed(text));
  if (!read.success) return `the problem is none: ${read.error.message}`;
  const { code, detail, type: urn } = read.data;
  if (!isErrorCode(code)) return `${code} is no code`;
  if (errorKinds[code].status !== status || read.data.status !== status) return `${code} with the status ${status}`;
  if (urn !== `urn:taskwire:error:${code}`) return `${code} with the type ${urn}`;
  if (failures.has(code)) return `answered ${text}`;
  if (inside.test(detail)) return `the problem tells of the inside: ${detail}`;
  if (codes && !codes.has(code)) return `${code} is not documented there: ${text.slice(0, 300)}`;
  return undefined;
}

/** A client's mistakes, and what is refused to it. */
const frameCodes: ReadonlySet<string> = new Set<ErrorCode>([
  "invalid",
  "not_found",
  "forbidden",
  "conflict",
  "idempotency_mismatch",
  "unauthenticated",
  "rate_limited",
]);

export function judgeError(error: unknown): string | undefined {
  const read = StrictError.safeParse(error);
  if (!read.success) return `the error is none: ${read.error.message}`;
  const { code, message, errors } = read.data;
  if (!frameCodes.has(code)) return `answered ${code}: ${message}`;
  if (inside.test(message)) return `the error tells of the inside: ${message}`;
  return code === "invalid" && !errors?.length ? `invalid without a path: ${message}` : undefined;
}

/** The answer of a frame that succeeded. */
export function judgeData(event: ClientFrameName, data: unknown): string | undefined {
  const read = clientFrames[event].answer.safeParse(data);
  return read.success ? undefined : `answered what it does not declare: ${read.error.message}`;
}
