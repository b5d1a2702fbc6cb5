/** API keys as the operator of the server sees them: whose they are. */
import { z } from "zod";
import type { Ctx } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { Id } from "../../protocol/ids.ts";
import { publicEmail } from "./people.ts";

/** Times are RFC 3339. */
export const OwnedKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  user_id: z.string(),
  user_name: z.string(),
  user_email: z.string().nullable(),
  scopes: z.array(z.string()),
  project_ids: z.array(z.string()).nullable(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  created_at: z.string(),
});
export type OwnedKey = z.infer<typeof OwnedKey>;

const pageSize = 1_000;
const time = (name: string): string => `${isoText(`k.${name}`)} as ${name}`;
const columns = `k.id, k.name, k.prefix, k.user_id, u.name as user_name, u.email as user_email,
  to_json(k.scopes)::text as scopes, to_json(k.project_ids)::text as project_ids,
  ${time("expires_at")}, ${time("last_used_at")}, ${time("created_at")}`;
const ofEverybody = `select ${columns} from api_keys k join users u on u.id = k.user_id
  where k.id > $1::uuid order by k.id limit ${pageSize}`;
const ofPerson = `select ${columns} from api_keys k join users u on u.id = k.user_id
  where k.id > $1::uuid and k.user_id = $2::uuid order by k.id limit ${pageSize}`;

interface Row extends Omit<OwnedKey, "scopes" | "project_ids"> {
  readonly user_email: string;
  readonly scopes: string;
  readonly project_ids: string | null;
}

const toOwnedKey = (row: Row): OwnedKey =>
  OwnedKey.parse({
    ...row,
    user_email: publicEmail(row.user_email),
    scopes: JSON.parse(row.scopes),
    project_ids: JSON.parse(row.project_ids ?? "null"),
  });

/** All keys, or those of one person, in the order in which they were made. */
export async function listOwnedKeys(ctx: Ctx, userId?: string): Promise<readonly OwnedKey[]> {
  const found: OwnedKey[] = [];
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const rows = await (userId === undefined
      ? query<Row>(ctx, ofEverybody, [after])
      : query<Row>(ctx, ofPerson, [after, userId]));
    found.push(...rows.map(toOwnedKey));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return found;
    after = last.id;
  }
}

/** By id or prefix. */
export async function findOwnedKey(ctx: Ctx, idOrPrefix: string): Promise<OwnedKey | undefined> {
  const where = Id.safeParse(idOrPrefix).success ? "k.id = $1::uuid" : "k.prefix = $1::text";
  const from = `select ${columns} from api_keys k join users u on u.id = k.user_id where ${where}`;
  const [row] = await query<Row>(ctx, from, [idOrPrefix]);
  return row && toOwnedKey(row);
}
