/** Who a program is that shows an API key, or a token made from one. */
import { freshMs, type MakeCache } from "../../core/cache.ts";
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import type { MakeLimiter } from "../../core/rate-limit.ts";
import type { Database } from "../../db/open.ts";
import { addressBlock } from "../../http/address.ts";
import { Scope } from "../../protocol/endpoint.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Identity } from "../../realtime/transport/authenticator.ts";
import { fits, prefixOf } from "./key-text.ts";
import { type ActorRow, actorColumns, toActor } from "./people.ts";

export interface KeyIdentities {
  /** Undefined for what is no living key. Throws `rate_limited` for an address that tried too many. */
  byText(text: string, address: string | undefined): Promise<Identity | undefined>;
  /** The living key of this id: for tokens made from it. */
  byId(keyId: string): Promise<Identity | undefined>;
  /** Forgets what is remembered of a person's keys: to be called when they or the person have changed. */
  forget(userId: string): void;
}

interface KeyRow extends ActorRow {
  readonly key_id: string;
  readonly prefix: string;
  readonly key_name: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly project_ids: readonly string[] | null;
  readonly expires_at_ms: number | null;
  readonly last_used_at_ms: number | null;
}

const ms = (column: string): string => `(extract(epoch from k.${column}) * 1000)::float8 as ${column}_ms`;
const keySql = (where: string): string => `
  select k.id as key_id, k.name as key_name, k.prefix, k.hash, k.scopes, k.project_ids, ${ms("expires_at")}, ${ms("last_used_at")},
    ${actorColumns}
  from api_keys k join users u on u.id = k.user_id where ${where}`;
const byPrefixSql = keySql("k.prefix = $1::text");
const byIdSql = keySql("k.id = $1::uuid");
/** Of several servers that mean to write it, one does. */
const usedSql = `update api_keys set last_used_at = $2::timestamptz
  where id = $1::uuid and (last_used_at is null or last_used_at <= $2::timestamptz - interval '1 minute')`;

const minuteMs = 60_000;
/** One address may try as many unknown keys as it may fail to sign in. */
const failuresPerSignIn = 10;
const rememberedMax = 100_000;

interface Parts {
  readonly config: Pick<Config, "rateLimitEnabled" | "rateLimitSignInsPerMinute">;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly makeLimiter: MakeLimiter;
  readonly makeCache: MakeCache;
}

export function createKeyIdentities({ config, database, clock, log, makeLimiter, makeCache }: Parts): KeyIdentities {
  const cache = makeCache<KeyRow>({
    name: "keys",
    entriesMax: 20_000,
    believedForMs: freshMs,
    about: ({ id }) => id,
  });
  const limit = config.rateLimitSignInsPerMinute * failuresPerSignIn;
  const failures = makeLimiter({ name: "unknown-keys", limit, windowMs: minuteMs });
  /** When use was last written down, by prefix; what is in it was once proved here. */
  const usedAtMs = new Map<string, number>();

  const find = async (name: string, text: string, value: string): Promise<KeyRow | undefined> =>
    cache.get(name, async () => {
      const rows = await database.guard(() => database.sql.unsafe<KeyRow[]>(text, [value], { prepare: true }));
      return rows[0];
    });

  /** Off the way of the request, and at most once a minute. */
  const used = (row: KeyRow): void => {
    const nowMs = clock.now();
    const known = usedAtMs.get(row.prefix);
    const last = known ?? row.last_used_at_ms ?? Number.NEGATIVE_INFINITY;
    const due = Math.abs(nowMs - last) >= minuteMs;
    if (!due && known !== undefined) return;
    if (usedAtMs.size >= rememberedMax) usedAtMs.clear();
    usedAtMs.set(row.prefix, due ? nowMs : last);
    if (!due) return;
    const values = [row.key_id, new Date(nowMs).toISOString()];
    database
      .guard(() => database.sql.unsafe(usedSql, values, { prepare: true }))
      .catch((error: unknown) => log.warn({ err: error }, "the last use of a key was not written down"));
  };

  const living = (row: KeyRow | undefined): Identity | undefined => {
    if (!row || row.disabled || (row.expires_at_ms !== null && row.expires_at_ms <= clock.now())) return undefined;
    used(row);
    return identityOf(row);
  };

  const requireTries = async (block: string): Promise<void> => {
    const waitMs = config.rateLimitEnabled ? await failures.wait(block) : 0;
    if (waitMs === 0) return;
    const retryAfter = Math.ceil(waitMs / 1000);
    throw new AppError("rate_limited", `too many keys that are none; wait ${retryAfter} s`, { retryAfter });
  };

  return {
    async byText(text, address) {
      const block = address === undefined ? undefined : addressBlock(address);
      const prefix = prefixOf(text);
      // Whoever shares an address with a guesser is let in by the key that has worked here.
      if (block !== undefined && !(prefix !== undefined && usedAtMs.has(prefix))) await requireTries(block);
      const row = prefix === undefined ? undefined : await find(`prefix ${prefix}`, byPrefixSql, prefix);
      if (row && fits(text, row.hash)) return living(row);
      if (block !== undefined) await failures.take(block);
      return undefined;
    },
    byId: async (keyId) => living(await find(`id ${keyId}`, byIdSql, keyId)),
    forget: (userId) => cache.forget(userId),
  };
}

/** A key acts as its person, within its limits: whatever it writes is the person's, with the key's name on it. */
function identityOf(row: KeyRow): Identity {
  const person = toActor(row, row.key_id);
  const scopes = new Set(row.scopes.flatMap((scope) => Scope.safeParse(scope).data ?? []));
  const projectIds = row.project_ids && new Set(row.project_ids);
  return {
    actor: {
      ...person,
      kind: "key",
      // What an administrator sees of all projects is not of the key's projects.
      role: projectIds ? "user" : person.role,
      key: { id: row.key_id, name: row.key_name, scopes, projectIds },
    },
    expiresAtMs: row.expires_at_ms,
  };
}
