/** Sessions that are used live on: better-auth moves their end, in the background of a request, once a day each. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Engine } from "./engine.ts";
import { renewAfterDays } from "./sessions.ts";

interface Parts {
  readonly engine: () => Promise<Engine>;
  readonly log: Log;
  readonly clock: Clock;
}

export interface Renewal {
  start(sessionId: string, cookie: string): void;
}

const againMs = renewAfterDays * 86_400_000;
const rememberedMax = 100_000;

export function createRenewal({ engine, log, clock }: Parts): Renewal {
  // better-auth may decide not to renew (a sign-in for one browser session only): that is not asked again all day.
  const triedAtMs = new Map<string, number>();
  return {
    start(sessionId, cookie) {
      const nowMs = clock.now();
      const last = triedAtMs.get(sessionId);
      if (last !== undefined && nowMs - last < againMs) return;
      if (triedAtMs.size >= rememberedMax) triedAtMs.clear();
      triedAtMs.set(sessionId, nowMs);
      engine()
        .then((loaded) => loaded.renew(cookie))
        .catch((error: unknown) => log.warn({ err: error }, "a session could not be renewed"));
    },
  };
}
