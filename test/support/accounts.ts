/** Accounts behind a real listener on a real database, and visitors who keep their cookies. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Elysia } from "elysia";
import { z } from "zod";
import { createCaches } from "../../src/core/cache.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { type Config, loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import { createMeter } from "../../src/core/meter.ts";
import { createOwnLimits } from "../../src/core/rate-limit.ts";
import type { Database } from "../../src/db/open.ts";
import { authBasePath } from "../../src/features/auth/handler.ts";
import { authRoutes } from "../../src/features/auth/routes.ts";
import { type Auth, createAuth } from "../../src/features/auth/service.ts";
import { userRoutes } from "../../src/features/users/routes.ts";
import { requireDocumented } from "../../src/http/documented.ts";
import { register } from "../../src/http/kit.ts";
import { problem } from "../../src/http/problem.ts";
import { createFetch } from "../../src/http/wrap.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import { makeNode } from "./nodes.ts";

export interface AccountServer {
  readonly url: string;
  readonly auth: Auth;
  readonly config: Config;
  readonly database: Database;
  /** Every line logged so far, as JSON text. */
  readonly logged: string[];
  stop(): Promise<void>;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

/** The caller closes the database. */
export async function startAccounts(
  database: Database,
  { env = {}, clock = systemClock }: Options = {},
): Promise<AccountServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "taskwire-accounts-"));
  const config = loadConfig({ MODE: "test", DATA_DIR: dataDir, RATE_LIMIT_ENABLED: "false", ...env });
  const logged: string[] = [];
  const log = createLog({ logLevel: "debug", logFormat: "json" }, (line) => void logged.push(line));
  const { node } = makeNode(database, createMemoryBroker());
  let url = "";
  const makeLimiter = createOwnLimits(clock);
  const auth = await createAuth({
    config,
    store: node.store,
    log,
    clock,
    makeLimiter,
    makeCache: createCaches(clock, createMeter()),
    origin: () => config.publicUrl ?? url,
  });
  const ctx = async (request: Request) => {
    const actor = await auth.resolveActor(request);
    return { store: node.store, live: node.live, actor, requestId: request.headers.get("x-request-id") ?? "" };
  };
  const app = new Elysia();
  app.onError(({ error, request: { headers, signal } }) =>
    problem(error, { requestId: headers.get("x-request-id") ?? "", log, signal }),
  );
  app.all(`${authBasePath}/*`, ({ request }) => auth.handler(request), { parse: "none" });
  register(app, { ctx, answered: requireDocumented }, [...authRoutes(auth), ...userRoutes(auth)]);
  const fetch = createFetch<Bun.Server<undefined>>({ config, log, meter: createMeter() }, (request) =>
    app.handle(request),
  );
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request, self) => (await fetch(request, self)) ?? new Response(),
  });
  url = server.url.origin;
  return {
    url,
    auth,
    config,
    database,
    logged,
    async stop() {
      await server.stop(true);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a call was answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface Visitor {
  /** The `Cookie` header as it would be sent now. */
  cookie(): string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A browser without pages: it keeps cookies, and sends no `Origin` unless told. */
export function createVisitor(url: string, cookies = new Map<string, string>()): Visitor {
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return {
    cookie,
    async call(method, path, body, headers = {}) {
      const given = new Headers(headers);
      if (cookies.size > 0 && !given.has("cookie")) given.set("cookie", cookie());
      if (body !== undefined && !given.has("content-type")) given.set("content-type", "application/json");
      const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
      const response = await fetch(`${url}${path}`, { method, headers: given, ...init });
      for (const line of response.headers.getSetCookie()) keep(cookies, line);
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";");
  const at = pair.indexOf("=");
  const gone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
  if (gone) cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), pair.slice(at + 1));
}

let people = 0;
export const password = "correct horse battery";

export interface Account {
  readonly email: string;
  readonly name: string;
  readonly id: string;
  readonly visitor: Visitor;
}

const Signed = z.object({ user: z.object({ id: z.string() }) });

/** Signs a new person up over HTTP; they are signed in. */
export async function signUp(url: string, more: Readonly<Record<string, unknown>> = {}): Promise<Account> {
  people++;
  const email = `person${people}@example.org`;
  const name = `Person ${people}`;
  const visitor = createVisitor(url);
  const { status, body } = await visitor.call("POST", "/api/auth/sign-up/email", { email, name, password, ...more });
  if (status !== 200) throw new Error(`sign-up was answered ${status} ${JSON.stringify(body)}`);
  return { email, name, visitor, id: Signed.parse(body).user.id };
}

const Issued = z.object({ token: z.string(), expires_at: z.string() });

export async function getToken(visitor: Visitor): Promise<z.infer<typeof Issued>> {
  const { status, body } = await visitor.call("POST", "/api/token");
  if (status !== 200) throw new Error(`/api/token was answered ${status} ${JSON.stringify(body)}`);
  return Issued.parse(body);
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export interface Logged {
  readonly event: string;
  readonly data: unknown;
}

/** The events in a person's room, oldest first. */
export async function eventsOf(database: Database, userId: string): Promise<Logged[]> {
  const rows = await database.sql<{ event: string; data: string }[]>`
    select event, data from events where room_id = ${userId} order by seq`;
  return rows.map(({ event, data }) => ({ event, data: JSON.parse(data) }));
}

/** The code a call is refused with. (`expect().rejects` stops the thread that the embedded database answers to.) */
export const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "it was not refused",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
