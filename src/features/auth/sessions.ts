/** Sessions: who stands behind one, and how they end. A session's row is the truth; everything else is a copy. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { freshMs, type MakeCache } from "../../core/cache.ts";
import type { Clock } from "../../core/clock.ts";
import { type Ctx, type Store, type Tx, transact } from "../../db/context.ts";
import { sessions, users } from "../../db/schema.ts";
import type { EventData } from "../../protocol/catalogue.ts";
import { AppError } from "../../protocol/errors.ts";
import { emit, systemCtx } from "../../realtime/log.ts";
import { requireAdministrator } from "../../realtime/rights.ts";
import type { Identity } from "../../realtime/transport/authenticator.ts";
import { type ActorRow, actorColumns, toActor } from "./people.ts";

export type EndReason = EventData<"session_ended">["reason"];

/** Sessions slide: each day of use moves their end to this long from then. */
export const sessionDays = 30;
export const renewAfterDays = 1;
const dayMs = 86_400_000;

/** A cookie proves as much as its session: one that is not renewed ends, and its connections with it. */
export interface LiveSession extends Identity {
  readonly expiresAtMs: number;
  readonly sessionId: string;
  /** Is it a day or more since its end was moved? */
  readonly renewable: boolean;
}

export interface Sessions {
  /** The living session of a cookie's token; undefined where there is none, or its person is disabled. */
  byToken(token: string): Promise<LiveSession | undefined>;
  byId(sessionId: string): Promise<LiveSession | undefined>;
  /** Ends sessions of one person; answers once `session_ended` is committed for each that was alive. */
  end(userId: string, sessionIds: readonly string[], reason: EndReason): Promise<number>;
  /** Forgets what is remembered of a person: to be called when their row has changed. */
  forget(userId: string): void;
  /**
   * Throws `forbidden` for all but administrators, `not_found`, `conflict` for the last administrator. What is remembered
   * of the person must be forgotten afterwards.
   */
  disableUser(ctx: Ctx, userId: string): Promise<void>;
  /** Lets a disabled person sign in again. Throws as `disableUser`. */
  enableUser(ctx: Ctx, userId: string): Promise<void>;
}

interface SessionRow extends ActorRow {
  readonly session_id: string;
  readonly expires_at_ms: number;
}

const sessionSql = (where: string): string => `
  select s.id as session_id, (extract(epoch from s.expires_at) * 1000)::float8 as expires_at_ms, ${actorColumns}
  from sessions s join users u on u.id = s.user_id where ${where}`;
const byTokenSql = sessionSql("s.token = $1::text");
const byIdSql = sessionSql("s.id = $1::uuid");

export function createSessions(store: Store, clock: Clock, makeCache: MakeCache): Sessions {
  const { database } = store;
  const cache = makeCache<SessionRow>({
    name: "sessions",
    entriesMax: 20_000,
    believedForMs: freshMs,
    about: ({ id }) => id,
  });

  const find = async (key: string, text: string, value: string): Promise<LiveSession | undefined> => {
    const row = await cache.get(key, async () => {
      const rows = await database.guard(() => database.sql.unsafe<SessionRow[]>(text, [value], { prepare: true }));
      return rows[0];
    });
    const nowMs = clock.now();
    if (!row || row.disabled || row.expires_at_ms <= nowMs) return undefined;
    return {
      actor: toActor(row, row.session_id),
      sessionId: row.session_id,
      expiresAtMs: row.expires_at_ms,
      renewable: row.expires_at_ms <= nowMs + (sessionDays - renewAfterDays) * dayMs,
    };
  };
  const forget = (userId: string): void => cache.forget(userId);

  return {
    byToken: (token) => find(`token ${token}`, byTokenSql, token),
    byId: (sessionId) => find(`id ${sessionId}`, byIdSql, sessionId),
    async end(userId, sessionIds, reason) {
      const { answer } = await database.guard(() => endSessions(store, userId, sessionIds, reason));
      forget(userId);
      return answer;
    },
    forget,
    async disableUser(ctx, userId) {
      requireAdministrator(ctx.actor);
      await database.guard(() => disable(ctx, userId));
    },
    async enableUser(ctx, userId) {
      requireAdministrator(ctx.actor);
      const rows = await database.guard(() =>
        database.orm.update(users).set({ disabledAt: null }).where(eq(users.id, userId)).returning({ id: users.id }),
      );
      if (rows.length === 0) throw noUser();
    },
  };
}

const noUser = () => new AppError("not_found", "there is no such user");

/** The rows and their events commit together, so that every node hears of every ended session (S10). */
function endSessions(store: Store, userId: string, sessionIds: readonly string[], reason: EndReason) {
  return transact<number>(systemCtx({ store }, Bun.randomUUIDv7()), {
    rooms: [userId],
    replay: () => 0,
    async work(tx) {
      if (sessionIds.length === 0) return 0;
      const mine = and(eq(sessions.userId, userId), inArray(sessions.id, [...sessionIds]));
      const ended = await tx.orm.delete(sessions).where(mine).returning({ id: sessions.id });
      for (const { id } of ended) emit(tx, "session_ended", userId, { session_id: id, reason });
      return ended.length;
    },
  });
}

function disable(ctx: Ctx, userId: string) {
  return transact<void>(ctx, {
    rooms: [userId],
    replay: () => undefined,
    async work(tx) {
      await requireOtherAdministrator(tx, userId);
      const disabled = await tx.orm
        .update(users)
        .set({ disabledAt: sql`now()` })
        .where(and(eq(users.id, userId), isNull(users.disabledAt)))
        .returning({ id: users.id });
      if (disabled.length === 0) return requireUser(tx, userId);
      await tx.orm.delete(sessions).where(eq(sessions.userId, userId));
      // One event for all of the person's connections, those of a host application's tokens too.
      emit(tx, "session_ended", userId, { session_id: null, reason: "disabled" });
    },
  });
}

/** Locks the administrators: two of them disabling each other at once must not leave none. Throws `conflict`. */
export async function requireOtherAdministrator(tx: Tx, userId: string): Promise<void> {
  const active = await tx.orm
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, "admin"), isNull(users.disabledAt)))
    .orderBy(users.id)
    .for("update");
  if (active.length === 1 && active[0]?.id === userId)
    throw new AppError("conflict", "this is the last administrator; make another one first");
}

async function requireUser(tx: Tx, userId: string): Promise<void> {
  const rows = await tx.orm.select({ id: users.id }).from(users).where(eq(users.id, userId));
  if (rows.length === 0) throw noUser();
}
