/** Password hashes: argon2id at OWASP cost, with a cap on how many are computed at once. */
import { availableParallelism } from "node:os";
import { AppError } from "../../protocol/errors.ts";

/** 19 MiB, two passes (OWASP Password Storage Cheat Sheet): about 40 ms of one core. */
const cost = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Hashing must leave a core to everything else; each takes its memory too. */
const defaultAtOnce = Math.max(1, Math.min(4, availableParallelism() - 1));
/** At 40 ms a hash whoever would wait longer than some ten seconds is told to come back. */
const defaultWaitingMax = 256;
const retryAfterSeconds = 5;

export interface Passwords {
  /** Throws `unavailable` where too many wait already. */
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/**
 * Bun hashes no empty text, and says at once that it is wrong: an attempt with one must be as slow for an address that is
 * unknown as for any other. Nobody's password is this short.
 */
const nonEmpty = (password: string): string => (password === "" ? " " : password);

/** Runs at most `atOnce` jobs; the others wait their turn, at most `waitingMax` of them. */
export function createPasswords(atOnce = defaultAtOnce, waitingMax = defaultWaitingMax): Passwords {
  const waiting: (() => void)[] = [];
  let running = 0;
  const takeTurn = async (): Promise<void> => {
    if (running < atOnce) {
      running++;
      return;
    }
    if (waiting.length >= waitingMax) {
      throw new AppError("unavailable", "too many people are signing in at this moment; try again", {
        retryAfter: retryAfterSeconds,
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve)); // the turn is handed over, `running` stays
  };
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };
  const inTurn = async <T>(job: () => Promise<T>): Promise<T> => {
    await takeTurn();
    try {
      return await job();
    } finally {
      endTurn();
    }
  };
  return {
    hash: (password) => inTurn(() => Bun.password.hash(nonEmpty(password), cost)),
    verify: (hash, password) => inTurn(() => Bun.password.verify(nonEmpty(password), hash)),
  };
}
