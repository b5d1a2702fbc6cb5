/** API keys as rows: made, listed and deleted by the person whose rights they have. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { apiKeys } from "../../db/schema.ts";
import { type ApiKey, type CreateApiKey, keysMax, type NewApiKey } from "../../protocol/api-keys.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import { emit } from "../../realtime/log.ts";
import { type KeyText, makeKeyText } from "./key-text.ts";

const time = (name: string): string => `${isoText(`k.${name}`)} as ${name}`;
const keyJson = `(select row_to_json(x)::text from (select k.id, k.name, k.prefix, k.scopes, k.project_ids,
  ${time("expires_at")}, ${time("last_used_at")}, ${time("created_at")}) x)`;

const Cursor = z.tuple([z.uuid()]);

/** In the order in which they were made. */
export async function listKeys(
  ctx: Ctx,
  userId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [after] = decodeCursor(Cursor, cursor) ?? ["00000000-0000-0000-0000-000000000000"];
  const rows = await query<{ id: string; body: string }>(
    ctx,
    `select k.id, ${keyJson} as body from api_keys k
    where k.user_id = $1::uuid and k.id > $2::uuid order by k.id limit $3::int`,
    [userId, after, limit + 1],
  );
  const items = rows.slice(0, limit);
  const next = rows.length > items.length ? encodeCursor([items.at(-1)?.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/**
 * Makes a key of a person; `key` of the answer is its only copy. `ctx` is of whoever asks for it. Throws `invalid` for
 * projects the person is not in and an end that is past, `forbidden` for a scope beyond the person, `conflict` for one
 * key too many; also for a retry, with the key made before as `current`: what proves it was never kept.
 */
export async function createKey(caller: Ctx, userId: string, input: CreateApiKey, nowMs: number): Promise<NewApiKey> {
  const ctx = withMutation(caller, "api_key_create", input);
  const text = makeKeyText();
  // The answer is kept for retries: it must not hold the key itself.
  const { answer, replayed } = await transact<ApiKey>(ctx, {
    rooms: [userId],
    work: (tx) => insertKey(tx, userId, input, text, nowMs),
    replay: () => {
      throw new Error("making a key makes no event");
    },
  });
  if (!replayed) return { ...answer, key: text.key };
  const current: ApiKey = answer;
  throw new AppError("conflict", "this key was made before and cannot be shown again; delete it and make another", {
    current,
  });
}

async function insertKey(tx: Tx, userId: string, input: CreateApiKey, text: KeyText, nowMs: number): Promise<ApiKey> {
  const { name, scopes, project_ids: projectIds = null, expires_at: expiresAt = null } = input;
  if (expiresAt !== null && Date.parse(expiresAt) <= nowMs) throw invalid("expires_at", "is past");
  await requirePerson(tx, userId, scopes.includes("notifications:send"));
  if (projectIds) await requireProjects(tx, userId, projectIds);
  const id = Bun.randomUUIDv7();
  const end = expiresAt === null ? null : new Date(expiresAt);
  const { prefix, hash } = text;
  await tx.orm
    .insert(apiKeys)
    .values({ id, userId, name, prefix, hash, scopes, projectIds, expiresAt: end, createdAt: new Date(nowMs) });
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${keyJson} as body from api_keys k where k.id = $1::uuid`,
    [id],
  );
  const body = rows[0]?.body;
  if (body === undefined) throw new Error("a key that was inserted is there");
  return JSON.parse(body);
}

/** The person's room is locked: two keys made at once are counted one after the other. */
async function requirePerson(tx: Tx, userId: string, administrator: boolean): Promise<void> {
  const rows = await queryIn<{ role: string; keys: number }>(
    tx.orm,
    `select u.role, (select count(*)::int from api_keys k where k.user_id = u.id) as keys
    from users u where u.id = $1::uuid`,
    [userId],
  );
  const row = rows[0];
  if (!row) throw new AppError("not_found", "there is no such person");
  if (administrator && row.role !== "admin")
    throw new AppError("forbidden", "the scope notifications:send takes an administrator of the server");
  if (row.keys >= keysMax) throw new AppError("conflict", `a person has at most ${keysMax} keys; delete one first`);
}

async function requireProjects(tx: Tx, userId: string, projectIds: readonly string[]): Promise<void> {
  const rows = await queryIn<{ id: string }>(
    tx.orm,
    `select p.id from members m join projects p on p.id = m.project_id
    where m.user_id = $1::uuid and m.project_id = any($2::uuid[]) and p.deleted_at is null`,
    [userId, `{${projectIds.join()}}`],
  );
  const own = new Set(rows.map(({ id }) => id));
  const strange = projectIds.findIndex((id) => !own.has(id));
  if (strange >= 0) throw invalid(`project_ids.${strange}`, "is not a project the key's person is a member of");
}

/**
 * Deletes a key of a person and tells every node, which closes its connections. Answers the number of that event in the
 * person's room. Throws `not_found`.
 */
export async function deleteKey(
  caller: Ctx,
  userId: string,
  keyId: string,
  input: { mutation_id?: string | undefined } = {},
): Promise<number> {
  const ctx = withMutation(caller, "api_key_delete", { key_id: keyId, ...input });
  const { events } = await transact<void>(ctx, {
    rooms: [userId],
    replay: () => undefined,
    async work(tx) {
      const rows = await queryIn(
        tx.orm,
        "delete from api_keys where id = $1::uuid and user_id = $2::uuid returning id",
        [keyId, userId],
      );
      if (rows.length === 0) throw new AppError("not_found", "you have no such key");
      emit(tx, "session_ended", userId, { session_id: keyId, reason: "revoked" });
    },
  });
  return events.at(-1)?.seq ?? 0;
}
