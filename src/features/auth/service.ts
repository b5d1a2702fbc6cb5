/** Accounts: signing up, in and out, tokens, people of a host application, and who stands behind a request. */
import type { MakeCache } from "../../core/cache.ts";
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import type { MakeLimiter } from "../../core/rate-limit.ts";
import type { Actor, Ctx, Store } from "../../db/context.ts";
import { createActorResolver } from "../../http/session.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Token } from "../../protocol/users.ts";
import type { Authenticator, Identity } from "../../realtime/transport/authenticator.ts";
import { type Administration, createAdministration } from "./administration.ts";
import { createCookieReader, isSecure, sessionCookieName } from "./cookie.ts";
import { createEngineLoader } from "./engine.ts";
import { createHandler } from "./handler.ts";
import { createHostPeople } from "./host-people.ts";
import { createKeyIdentities } from "./key-identity.ts";
import { looksLikeKey } from "./key-text.ts";
import { createPasswords } from "./passwords.ts";
import { createRenewal } from "./renewal.ts";
import { loadAuthKeys } from "./secrets.ts";
import { createSessions } from "./sessions.ts";
import { createSignUpGate, createUser, type NewUser } from "./sign-up.ts";
import { createThrottle } from "./throttle.ts";
import { createTokens } from "./tokens.ts";

export interface Auth {
  /** Answers everything under /api/auth. Reads the client's address from `clientAddressHeader`. Throws AppError. */
  handler(request: Request): Promise<Response>;
  readonly authenticator: Authenticator;
  /** Who makes a request. Throws `unauthenticated`, `forbidden` (see http/session.ts). */
  resolveActor(request: Request): Promise<Actor>;
  /** A JWT of the actor's session or key. Throws `forbidden` for those who have none (people of a host application). */
  issueToken(actor: Actor): Promise<Token>;
  /** The link through which the first account is made; undefined where sign-up is not by invitation, or it is made. */
  setupUrl(): Promise<string | undefined>;
  /** Makes an account for the command line and the seed; answers its id. Throws `invalid`, `conflict`. */
  createUser(user: NewUser): Promise<string>;
  /** For administrators (and the server itself): ends all sessions and connections of a person, and lets none begin. */
  disableUser(ctx: Ctx, userId: string): Promise<void>;
  enableUser(ctx: Ctx, userId: string): Promise<void>;
  /** What the operator does with accounts. */
  readonly administration: Administration;
  /** To be called when a person's row was changed here; the other servers are told. */
  forgetUser(userId: string): void;
  /** To be called when another server has changed it. */
  personChanged(userId: string): void;
  /** Signs the links of mails. */
  readonly linkKey: Uint8Array;
  /** Tells the server's secret from others. */
  readonly secretFingerprint: string;
  /** Loads what the first sign-in would wait for; to be called once the server listens. */
  warm(): Promise<void>;
}

export interface AuthOptions {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  readonly makeLimiter: MakeLimiter;
  readonly makeCache: MakeCache;
  /** Tells the other servers that a person's row was changed here. */
  readonly tellPersonChanged?: (userId: string) => void;
  /** Where people reach the server: an origin. Asked once the server listens. */
  readonly origin: () => string;
}

/** Throws StartError where the server's secret can neither be read nor made. */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { config, store, log, clock, makeLimiter, makeCache, origin } = options;
  const keys = await loadAuthKeys(config);
  const { database } = store;
  const cookieName = sessionCookieName(isSecure(config));
  const readCookie = createCookieReader(cookieName, keys.cookie);
  const sessions = createSessions(store, clock, makeCache);
  const programs = createKeyIdentities({ config, database, clock, log, makeLimiter, makeCache });
  const tokens = createTokens({ key: keys.token, ttlSeconds: config.jwtTtlSeconds, clock, makeCache });
  const hostPeople = createHostPeople(database, config, clock, makeCache);
  const gate = createSignUpGate(database, config.signUp);
  const passwords = createPasswords();
  const shared = { config, database, log, gate, sessions, passwords, origin };
  const engine = createEngineLoader({ ...shared, cookieKey: keys.cookie });
  const renewal = createRenewal({ engine, log, clock });

  const ownIdentity = async (token: string): Promise<Identity | undefined> => {
    const claims = await tokens.verify(token);
    if (!claims) return undefined;
    const { source, userId, expiresAtMs } = claims;
    const made: Identity | undefined =
      "keyId" in source ? await programs.byId(source.keyId) : await sessions.byId(source.sessionId);
    if (made?.actor.id !== userId) return undefined;
    return { actor: made.actor, expiresAtMs: Math.min(expiresAtMs, made.expiresAtMs ?? expiresAtMs) };
  };
  const authenticator: Authenticator = {
    async fromCookie(cookie) {
      const token = readCookie(cookie);
      const session = token === undefined ? undefined : await sessions.byToken(token);
      if (session?.renewable) renewal.start(session.sessionId, cookie);
      return session;
    },
    async fromToken(token, address) {
      if (looksLikeKey(token)) return programs.byText(token, address);
      return (await ownIdentity(token)) ?? hostPeople.fromToken(token);
    },
  };

  const personChanged = (userId: string): void => {
    sessions.forget(userId);
    programs.forget(userId);
    hostPeople.forget(userId);
  };
  const forgetUser = (userId: string): void => {
    personChanged(userId);
    options.tellPersonChanged?.(userId);
  };

  return {
    handler: createHandler({
      ...shared,
      engine,
      cookieName,
      readCookie,
      throttle: createThrottle(config, makeLimiter),
    }),
    authenticator,
    linkKey: keys.link,
    secretFingerprint: keys.fingerprint,
    resolveActor: createActorResolver(authenticator, config),
    async issueToken(actor) {
      if (actor.sessionId === null)
        throw new AppError("forbidden", "tokens are made from a session or a key; use those of your application");
      return tokens.issue(actor.id, actor.key ? { keyId: actor.key.id } : { sessionId: actor.sessionId });
    },
    async setupUrl() {
      const token = await gate.setupToken();
      return token && `${origin()}/setup?token=${token}`;
    },
    createUser: (user) => createUser(database, passwords, user),
    async disableUser(ctx, userId) {
      await sessions.disableUser(ctx, userId);
      forgetUser(userId);
    },
    async enableUser(ctx, userId) {
      await sessions.enableUser(ctx, userId);
      forgetUser(userId);
    },
    administration: createAdministration({
      store,
      clock,
      sessions,
      passwords,
      tokens: () => Promise.resolve(tokens),
      forget: forgetUser,
    }),
    forgetUser,
    personChanged,
    async warm() {
      await engine();
    },
  };
}
