/** The work of `taskwire api-key …`. */
import { z } from "zod";
import { query } from "../db/query.ts";
import { findOwnedKey, listOwnedKeys, OwnedKey } from "../features/auth/key-owners.ts";
import { createKey, deleteKey } from "../features/auth/keys.ts";
import { CreateApiKey, NewApiKey } from "../protocol/api-keys.ts";
import { parse } from "../protocol/errors.ts";
import { Id } from "../protocol/ids.ts";
import { systemCtx } from "../realtime/log.ts";
import { CommandError } from "./command-error.ts";
import { defineOperation, type Office } from "./operation.ts";
import { findPerson } from "./user-operations.ts";

const dayMs = 86_400_000;
const ctxOf = ({ store }: Office) => systemCtx({ store }, Bun.randomUUIDv7());

const createApiKey = defineOperation({
  name: "api-key-create",
  input: z.object({
    email: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    /** Ids or keys such as WEB. */
    projects: z.array(z.string()).optional(),
    expires_days: z.int().optional(),
  }),
  output: NewApiKey.extend({ user_id: z.string() }),
  async run(office, { email, name, scopes, projects, expires_days }) {
    const { id: userId } = await findPerson(office, email);
    const projectIds = projects && (await Promise.all(projects.map((project) => findProject(office, project))));
    const nowMs = Date.now();
    const expiresAt = expires_days === undefined ? null : new Date(nowMs + expires_days * dayMs).toISOString();
    const input = parse(CreateApiKey, { name, scopes, project_ids: projectIds, expires_at: expiresAt });
    return { user_id: userId, ...(await createKey(ctxOf(office), userId, input, nowMs)) };
  },
});

async function findProject(office: Office, idOrKey: string): Promise<string> {
  if (Id.safeParse(idOrKey).success) return idOrKey;
  const found = "select id from projects where key = $1::text and deleted_at is null";
  const [row] = await query<{ id: string }>(ctxOf(office), found, [idOrKey.toUpperCase()]);
  if (row) return row.id;
  throw new CommandError(`there is no project ${idOrKey}`, "Give its key, such as WEB, or its id.", "not_found");
}

const listApiKeys = defineOperation({
  name: "api-key-list",
  input: z.object({ email: z.string().optional() }),
  output: z.object({ api_keys: z.array(OwnedKey) }),
  async run(office, { email }) {
    const owner = email === undefined ? undefined : await findPerson(office, email);
    return { api_keys: [...(await listOwnedKeys(ctxOf(office), owner?.id))] };
  },
});

const deleteApiKey = defineOperation({
  name: "api-key-delete",
  input: z.object({ key: z.string() }),
  output: z.object({ api_key: OwnedKey }),
  async run(office, { key }) {
    const found = await findOwnedKey(ctxOf(office), key);
    if (!found) throw new CommandError(`there is no API key ${key}`, 'See "taskwire api-key list".', "not_found");
    await deleteKey(ctxOf(office), found.user_id, found.id);
    office.administration.forget(found.user_id);
    return { api_key: found };
  },
});

export const apiKeys = { create: createApiKey, list: listApiKeys, delete: deleteApiKey };
