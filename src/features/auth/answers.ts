/** better-auth's answers as ours: its errors in the closed list of codes (H1), its cookie kept longer. */
import { z } from "zod";
import { sqlState } from "../../db/open.ts";
import { AppError, type ErrorCode } from "../../protocol/errors.ts";
import { keepLonger } from "./cookie.ts";

const ErrorBody = z.object({ code: z.string().optional(), message: z.string().optional() });

interface Known {
  readonly code: ErrorCode;
  readonly message: string;
  /** The field at fault. */
  readonly path?: string;
}

const usedAddress: Known = {
  code: "invalid",
  message: "there is an account with this address; sign in, or use another one",
  path: "email",
};

/** What better-auth calls its errors that people are to read. */
const known: ReadonlyMap<string, Known> = new Map<string, Known>([
  ["USER_ALREADY_EXISTS", usedAddress],
  ["USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", usedAddress],
  ["INVALID_EMAIL_OR_PASSWORD", { code: "unauthenticated", message: "the e-mail address or the password is wrong" }],
  ["INVALID_PASSWORD", { code: "invalid", message: "is not your password", path: "currentPassword" }],
  ["CREDENTIAL_ACCOUNT_NOT_FOUND", { code: "conflict", message: "this account has no password" }],
  ["UNAUTHORIZED", { code: "unauthenticated", message: "sign in first" }],
]);

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "too_large",
  415: "unsupported_media_type",
  422: "invalid",
  429: "rate_limited",
};

const toError = ({ code, message, path }: Known): AppError => {
  if (path === undefined) return new AppError(code, message);
  return new AppError(code, `${path}: ${message}`, { errors: [{ path, message }] });
};

/** The error behind an answer of better-auth that is one. */
export async function errorOf(response: Response): Promise<Error> {
  const body = ErrorBody.safeParse(await response.json().catch(() => undefined));
  const { code: name = "", message = "" } = body.success ? body.data : {};
  const error = known.get(name);
  if (error) return toError(error);
  const code = byStatus[response.status];
  if (code === undefined) return new Error(`better-auth answered ${response.status} ${name}`);
  return new AppError(code, message || "better-auth refused this request");
}

const uniqueViolation = "23505";

/** A failed query as what it means: two sign-ups with one address at once meet in the database. */
export const failureOf = (failure: unknown): unknown =>
  sqlState(failure) === uniqueViolation ? toError(usedAddress) : failure;

/** An answer that is no error, as the browser gets it. */
export function successOf(response: Response, cookieName: string): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  const type = response.headers.get("content-type");
  if (type !== null) headers.set("content-type", type);
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", keepLonger(cookie, cookieName));
  return new Response(response.body, { status: response.status, headers });
}
