/**
 * The paths under /api/auth. What reaches better-auth was read, checked and counted here, and is written anew: its
 * paths are a list, its bodies hold only what we name, its headers are ours.
 */
import type { z } from "zod";
import { clientAddressHeader } from "../../core/client-address.ts";
import { answer, readJson } from "../../http/kit.ts";
import { originAllowed } from "../../http/origin.ts";
import { requireNoTokenInQuery } from "../../http/session.ts";
import {
  type accountEndpoints,
  ChangePassword,
  RevokeSession,
  SignIn,
  SignUp,
  UpdateAccount,
} from "../../protocol/accounts.ts";
import { AppError } from "../../protocol/errors.ts";
import { errorOf, failureOf, successOf } from "./answers.ts";
import { type Attempt, runAttempt } from "./attempt.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import type { LiveSession } from "./sessions.ts";
import type { Throttle } from "./throttle.ts";

interface Parts extends Pick<EngineOptions, "config" | "database" | "gate" | "passwords" | "sessions" | "origin"> {
  readonly engine: () => Promise<Engine>;
  readonly throttle: Throttle;
  readonly cookieName: string;
  readonly readCookie: (header: string) => string | undefined;
}

interface Call {
  readonly request: Request;
  readonly address: string;
  /** The signed token of the session cookie; whether it lives is not known yet. */
  readonly token: string | undefined;
}

/** What is passed on to better-auth. */
interface Passed {
  readonly body?: object;
  readonly attempt?: Partial<Attempt>;
  /** Runs after better-auth succeeded. */
  readonly done?: () => void;
}

interface Path {
  readonly method: "GET" | "POST";
  readonly prepare: (call: Call, parts: Parts) => Promise<Passed> | Passed;
  /** Answered here: better-auth knows nothing of it. */
  readonly own?: (parts: Parts) => Promise<object>;
  /** Does a refusal mean that somebody guessed? */
  readonly guess?: boolean;
}

export const authBasePath = "/api/auth";
const bodyMaxBytes = 16 * 1024;
const nothing = (): Passed => ({});
const read = <S extends z.ZodType>({ request }: Call, schema: S) => readJson(request, schema, bodyMaxBytes);

type AccountPath = (typeof accountEndpoints)[keyof typeof accountEndpoints]["path"];

/** All that the reference lists, and no other. */
const table: Readonly<Record<AccountPath, Path>> = {
  "/api/auth/sign-up": { method: "GET", prepare: nothing, own: ({ gate }) => gate.state() },
  "/api/auth/sign-up/email": { method: "POST", prepare: signUp },
  "/api/auth/sign-in/email": { method: "POST", prepare: signIn, guess: true },
  "/api/auth/sign-out": { method: "POST", prepare: () => ({ attempt: { endReason: "signed_out" } }) },
  "/api/auth/get-session": { method: "GET", prepare: nothing },
  "/api/auth/list-sessions": { method: "GET", prepare: nothing },
  "/api/auth/revoke-session": { method: "POST", prepare: async (call) => ({ body: await read(call, RevokeSession) }) },
  "/api/auth/revoke-sessions": { method: "POST", prepare: nothing },
  "/api/auth/revoke-other-sessions": { method: "POST", prepare: nothing },
  "/api/auth/change-password": { method: "POST", prepare: changePassword, guess: true },
  "/api/auth/update-user": { method: "POST", prepare: updateAccount },
};
const paths: ReadonlyMap<string, Path> = new Map(Object.entries(table));

/** Answers a function from a request to better-auth's answer; it throws AppError. */
export function createHandler(parts: Parts): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    requireNoTokenInQuery(url);
    const name = url.pathname.slice(authBasePath.length);
    const path = paths.get(url.pathname);
    if (!path) throw new AppError("not_found", "there is nothing at this path");
    if (path.method !== request.method)
      throw new AppError("method_not_allowed", `${request.method} is not for this path; it takes ${path.method}`, {
        allow: path.method,
      });
    // Also without a cookie: another site's page must not sign a visitor in as somebody else.
    if (request.method !== "GET" && !originAllowed(request, parts.config))
      throw new AppError("forbidden", "this page may not act here");
    const call = toCall(request, parts);
    await parts.throttle.call(call.address);
    if (path.own) return answer(200, await path.own(parts), { "cache-control": "no-store" });
    const passed = await path.prepare(call, parts);
    try {
      const response = await parts.database.guard(() => pass(call, name, passed, parts));
      passed.done?.();
      return response;
    } catch (error) {
      const refused = error instanceof AppError && (error.code === "unauthenticated" || error.code === "invalid");
      if (path.guess && refused) await parts.throttle.failed(call.address);
      throw error;
    }
  };
}

const toCall = (request: Request, { readCookie }: Parts): Call => ({
  request,
  address: request.headers.get(clientAddressHeader) ?? "unknown",
  token: readCookie(request.headers.get("cookie") ?? ""),
});

async function pass(call: Call, name: string, passed: Passed, parts: Parts): Promise<Response> {
  const engine = await parts.engine();
  const attempt: Attempt = { endReason: "revoked", ...passed.attempt };
  const request = rewrite(call, name, passed.body, parts.origin());
  const response = await runAttempt(attempt, () => engine.handle(request)).catch((error: unknown) => {
    throw failureOf(attempt.failure ?? error);
  });
  // Some failures of the database are swallowed by better-auth: a sign-out would seem to have happened.
  if (attempt.failure !== undefined) throw failureOf(attempt.failure);
  if (response.status >= 400) throw await errorOf(response);
  return successOf(response, parts.cookieName);
}

/** The request as better-auth sees it. Its origin was checked here, by the same rule as everywhere. */
function rewrite({ request, address }: Call, name: string, body: object | undefined, origin: string): Request {
  const headers = new Headers({ origin, [clientAddressHeader]: address });
  for (const kept of ["cookie", "user-agent"]) {
    const value = request.headers.get(kept);
    if (value !== null) headers.set(kept, value);
  }
  const { method } = request;
  const url = `${origin}${authBasePath}${name}`;
  if (body === undefined) return new Request(url, { method, headers });
  headers.set("content-type", "application/json");
  return new Request(url, { method, headers, body: JSON.stringify(body) });
}

async function signUp(call: Call, { gate, passwords }: Parts): Promise<Passed> {
  const { setup_token, ...body } = await read(call, SignUp);
  const setupToken = call.request.headers.get("x-setup-token") ?? setup_token;
  await gate.requireAdmission(setupToken);
  const { password } = body;
  return { body, attempt: { setupToken, hashed: { password, hash: await passwords.hash(password) } } };
}

async function signIn(call: Call, { throttle }: Parts): Promise<Passed> {
  const body = await read(call, SignIn);
  await throttle.take(call.address, body.email);
  return { body };
}

/** A new password ends every session, this one too (the answer brings its successor): one of them may be stolen. */
async function changePassword(call: Call, parts: Parts): Promise<Passed> {
  const body = await read(call, ChangePassword);
  const { sessionId } = await requireSession(call, parts);
  // Who holds a session may not guess its password faster than anyone else.
  await parts.throttle.take(call.address, sessionId);
  return { body: { ...body, revokeOtherSessions: true } };
}

async function updateAccount(call: Call, parts: Parts): Promise<Passed> {
  const body = await read(call, UpdateAccount);
  const session = await requireSession(call, parts);
  return { body, done: () => parts.sessions.forget(session.actor.id) };
}

async function requireSession({ token }: Call, { sessions }: Parts): Promise<LiveSession> {
  const session = token === undefined ? undefined : await sessions.byToken(token);
  if (!session) throw new AppError("unauthenticated", "sign in first");
  return session;
}
