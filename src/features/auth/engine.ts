/** better-auth, set up over our tables. It costs tens of megabytes and of milliseconds, so it is loaded at first use. */

import { clientAddressHeader } from "../../core/client-address.ts";
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import type { Database, Orm } from "../../db/open.ts";
import { passwordLength } from "../../protocol/accounts.ts";
import { currentAttempt } from "./attempt.ts";
import { cookiePrefix, isSecure } from "./cookie.ts";
import type { Passwords } from "./passwords.ts";
import { renewAfterDays, type Sessions, sessionDays } from "./sessions.ts";
import type { SignUpGate } from "./sign-up.ts";

export interface Engine {
  handle(request: Request): Promise<Response>;
  /** Moves the end of the cookie's session, where it is a day since that was done. */
  renew(cookie: string): Promise<void>;
}

export interface EngineOptions {
  readonly config: Config;
  readonly database: Database;
  readonly log: Log;
  readonly gate: SignUpGate;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly cookieKey: string;
  /** Where people reach the server: an origin. */
  readonly origin: () => string;
}

const basePath = "/api/auth";
const daySeconds = 86_400;

/** Answers a function to the engine, loaded on its first call, made anew when the database's pool was replaced. */
export function createEngineLoader(options: EngineOptions): () => Promise<Engine> {
  let made: { readonly orm: Orm; readonly engine: Promise<Engine> } | undefined;
  return () => {
    const { orm } = options.database;
    if (made?.orm === orm) return made.engine;
    const engine = loadEngine(options, orm);
    made = { orm, engine };
    engine.catch(() => {
      made = undefined; // the next call tries again
    });
    return engine;
  };
}

async function loadEngine(options: EngineOptions, orm: Orm): Promise<Engine> {
  const [{ betterAuth }, { createAdapter }] = await Promise.all([
    import("better-auth/minimal"),
    import("./adapter.ts"),
  ]);
  const engine = betterAuth({ ...settings(options), database: createAdapter(options, orm) });
  return {
    handle: engine.handler,
    async renew(cookie) {
      await engine.api.getSession({ headers: new Headers({ cookie }) });
    },
  };
}

type SettingsOptions = Pick<EngineOptions, "config" | "log" | "passwords" | "cookieKey" | "origin">;

/** All of better-auth's settings but the database. Exported for the test that compares its tables with ours. */
export const settings = ({ config, log, passwords, cookieKey, origin }: SettingsOptions) => ({
  appName: "Taskwire",
  baseURL: origin(),
  basePath,
  trustedOrigins: [...config.corsOrigins],
  // `secret` alone would give way to an environment variable of better-auth.
  secrets: [{ version: 1, value: cookieKey }],
  emailAndPassword: {
    enabled: true,
    minPasswordLength: passwordLength.min,
    maxPasswordLength: passwordLength.max,
    password: {
      hash: async (password: string) => {
        const { hashed } = currentAttempt();
        return hashed?.password === password ? hashed.hash : passwords.hash(password);
      },
      verify: ({ hash, password }: { hash: string; password: string }) => passwords.verify(hash, password),
    },
  },
  session: {
    expiresIn: sessionDays * daySeconds,
    updateAge: renewAfterDays * daySeconds,
    freshAge: 0, // listing one's sessions is possible also after a day
    cookieCache: { enabled: false }, // it would let a revoked session live on
  },
  rateLimit: { enabled: false }, // ours stands before it
  telemetry: { enabled: false },
  advanced: {
    cookiePrefix,
    useSecureCookies: isSecure(config),
    disableCSRFCheck: false,
    disableOriginCheck: false,
    ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    database: {
      generateId: () => Bun.randomUUIDv7(),
      defaultFindManyLimit: 10_000, // with the default of 100 the 101st session would outlive a password change
      validateSchema: false,
    },
  },
  onAPIError: { throw: true }, // what is not an error of its API reaches our mapping
  logger: {
    level: "error" as const,
    // Its messages may hold addresses; the failure itself is thrown (see Attempt) and logged with the request.
    log: (_level: string, _message: string, ...details: unknown[]) => {
      const err = details.find((detail) => detail instanceof Error);
      log.debug(err ? { err } : {}, "better-auth reported an error");
    },
  },
});
