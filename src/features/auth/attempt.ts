/** What one call of better-auth is about. It passes through better-auth unseen, to our passwords and our adapter. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { EndReason } from "./sessions.ts";

export interface Attempt {
  /** Why sessions end that end in this call. */
  readonly endReason: EndReason;
  readonly setupToken?: string | undefined;
  /**
   * The new password's hash, made beforehand: better-auth hashes inside its transaction, which would hold the one
   * connection of the embedded database for as long as hashing takes.
   */
  readonly hashed?: { readonly password: string; readonly hash: string } | undefined;
  /** The first failure of a query in this call. better-auth swallows some and hides the cause of others. */
  failure?: unknown;
}

const attempts = new AsyncLocalStorage<Attempt>();

export const runAttempt = <T>(attempt: Attempt, work: () => Promise<T>): Promise<T> => attempts.run(attempt, work);

export const currentAttempt = (): Attempt => attempts.getStore() ?? { endReason: "revoked" };
