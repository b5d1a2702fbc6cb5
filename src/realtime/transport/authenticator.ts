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
  /**
   * A JWT of this server or of the trusted host application, or an API key. `address` is where it comes from, where that is
   * known. Throws `forbidden` for a disabled person, `rate_limited` for an address that tried too many keys.
   */
  fromToken(token: string, address?: string): Promise<Identity | undefined>;
}
