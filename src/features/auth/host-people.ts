/** People of a trusted host application: it signs who they are, and we make them when we first hear of them. */
import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { freshMs, type MakeCache } from "../../core/cache.ts";
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Database } from "../../db/open.ts";
import { users } from "../../db/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import { Line } from "../../protocol/text.ts";
import type { Identity } from "../../realtime/transport/authenticator.ts";
import { type ActorRow, actorColumns, madeUpEmail, makeRoom, toActor } from "./people.ts";
import { importKey, keepClaims, verifyJwt } from "./tokens.ts";

type TrustConfig = Pick<Config, "trustedJwtSecret" | "trustedJwtIssuer" | "trustedJwtAudience">;

/**
 * `email` is not read: an address the host names proves nothing to us, so it neither links to an account nor keeps its
 * owner from making one.
 */
const Claims = z.object({
  sub: Line(255),
  exp: z.number(),
  iss: Line(255).optional(),
  name: z.string().optional(),
});

/** A token may say that it ends later; no answer could say so. */
const lastMomentMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export interface HostPeople {
  /** Who a token of the host speaks for; undefined where it is none. Throws `forbidden` for a disabled person. */
  fromToken(token: string): Promise<Identity | undefined>;
  /** Forgets what is remembered of a person: to be called when their row has changed. */
  forget(userId: string): void;
}

export function createHostPeople(
  database: Database,
  config: TrustConfig,
  clock: Clock,
  makeCache: MakeCache,
): HostPeople {
  const cache = makeCache<ActorRow>({
    name: "host_people",
    entriesMax: 20_000,
    believedForMs: freshMs,
    about: ({ id }) => id,
  });
  const secret = config.trustedJwtSecret;
  const key = secret === undefined ? undefined : importKey(new TextEncoder().encode(secret));
  const readClaims = keepClaims(makeCache, async (token) => {
    const payload =
      key &&
      (await verifyJwt(token, key, {
        currentDate: new Date(clock.now()),
        issuer: config.trustedJwtIssuer,
        audience: config.trustedJwtAudience,
      }));
    const claims = Claims.safeParse(payload);
    if (!claims.success) return undefined;
    const { iss = "", sub, exp } = claims.data;
    const name = displayName(claims.data.name);
    // The name is part of the key: one that changed is written at once.
    const cacheKey = JSON.stringify([iss, sub, name]);
    return { externalId: `${iss}|${sub}`, sub, name, cacheKey, expiresAtMs: Math.min(exp * 1000, lastMomentMs) };
  });
  return {
    async fromToken(token) {
      const claims = await readClaims(token);
      if (!claims) return undefined;
      const { externalId, sub, name, cacheKey, expiresAtMs } = claims;
      const row = await cache.get(cacheKey, () => database.guard(() => ensurePerson(database, externalId, name, sub)));
      if (!row) throw new Error("a person of the host application was neither found nor made");
      if (row.disabled) throw new AppError("forbidden", "this account is disabled");
      return { actor: toActor(row, null), expiresAtMs };
    },
    forget: (userId) => cache.forget(userId),
  };
}

const Name = Line(200);

/** A name as we keep names: one that is empty or cannot be stored counts as none, a long one is cut. */
function displayName(claim: string | undefined): string | undefined {
  const name = Name.safeParse(claim?.trim().slice(0, 200).toWellFormed());
  return name.success ? name.data : undefined;
}

const findSql = `select ${actorColumns} from users u where u.external_id = $1::text`;

async function ensurePerson(
  database: Database,
  externalId: string,
  name: string | undefined,
  sub: string,
): Promise<ActorRow | undefined> {
  const find = () => database.sql.unsafe<ActorRow[]>(findSql, [externalId], { prepare: true });
  let [row] = await find();
  if (!row) {
    await makePerson(database, externalId, name ?? sub.slice(0, 200).toWellFormed());
    [row] = await find();
  }
  if (!row || name === undefined || row.name === name) return row;
  await database.orm
    .update(users)
    .set({ name, updatedAt: new Date() })
    .where(and(eq(users.externalId, externalId), ne(users.name, name)));
  return { ...row, name };
}

/** Many first requests at once make one person: the others wait on the unique id and find it taken. */
async function makePerson(database: Database, externalId: string, name: string): Promise<void> {
  const id = Bun.randomUUIDv7();
  await database.orm.transaction(async (tx) => {
    const made = await tx
      .insert(users)
      .values({ id, name, email: madeUpEmail(id), externalId })
      .onConflictDoNothing({ target: users.externalId })
      .returning({ id: users.id });
    if (made.length > 0) await makeRoom(tx, id);
  });
}
