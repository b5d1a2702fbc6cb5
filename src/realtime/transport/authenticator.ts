/** How a transport learns who speaks; given by the application, because accounts stand above this floor. */
import type { Actor } from "../../db/context.ts";

export interface Identity {
  readonly actor: Actor;
  /** When the proof ends, milliseconds since 1970; null: with the session. */
  readonly expiresAtMs: number | null;
}

export interface Authenticator {
  /** The session behind a `Cookie` header. */
  fromCookie(cookie: string): Promise<Identity | undefined>;
  /** A JWT of this server or of the trusted host application. */
  fromToken(token: string): Promise<Identity | undefined>;
}
