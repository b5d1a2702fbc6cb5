/** A project's labels: reading, making, changing, deleting them. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { AppError } from "../../protocol/errors.ts";
import { type CreateLabel, labelsMax, type UpdateLabel } from "../../protocol/labels.ts";
import type { Label } from "../../protocol/projects.ts";
import { storable } from "../../protocol/text.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { getRole } from "./permission.ts";
import { labelJson } from "./project-json.ts";
import { changeStructure, getOne } from "./structure.ts";
import { unlabel } from "./task-effects.ts";

const Cursor = z.tuple([z.string().refine(storable), z.uuid()]);
const beforeAll = ["", "00000000-0000-0000-0000-000000000000"] as const;

/** By name. */
export async function listLabels(
  ctx: LiveCtx,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [name, id] = decodeCursor(Cursor, cursor) ?? beforeAll;
  const rows = await query<{ name: string; id: string; body: string }>(
    ctx,
    `select l.name, l.id, ${labelJson("l")} as body from labels l
    where l.project_id = $1::uuid and (l.name, l.id) > ($2, $3::uuid) order by l.name, l.id limit $4::int`,
    [projectId, name, id, limit + 1],
  );
  await getRole(ctx, projectId); // after the read: whoever belongs here now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.name, last.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/** Throws `conflict` (with the label) where another one has this name. */
function requireFreeName(labels: readonly Label[], name: string | undefined, own?: string): void {
  const current = labels.find((label) => label.name === name && label.id !== own);
  if (current) throw new AppError("conflict", "the project has a label of this name", { current });
}

/**
 * Takes an admin. An `id` that exists: the same answer where it is that label. Throws `conflict` for a name
 * that is taken (with its label), an `id` that is, and beyond `labelsMax`.
 */
export async function createLabel(caller: LiveCtx, projectId: string, input: CreateLabel): Promise<Label> {
  const ctx = withMutation(caller, "label_create", { project_id: projectId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { labels }) {
      const same = labels.find(({ id }) => id === input.id);
      if (same?.name === input.name && same.color === input.color) return false;
      requireFreeName(labels, input.name);
      if (labels.length >= labelsMax)
        throw new AppError("conflict", `a project has at most ${labelsMax} labels; delete one first`);
      const inserted = await queryIn(
        tx.orm,
        `insert into labels (id, project_id, name, color) values ($1::uuid, $2::uuid, $3, $4)
        on conflict (id) do nothing returning id`,
        [input.id ?? Bun.randomUUIDv7(), projectId, input.name, input.color],
      );
      if (inserted.length === 0) throw new AppError("conflict", "a label with this id exists");
      return true;
    },
    pick: ({ labels }) => getOne(labels, ({ name }) => name === input.name),
  });
}

const noLabel = () => new AppError("not_found", "the project has no such label");

/** Takes an admin. Throws `not_found`, `conflict` for a name that is taken (with its label). */
export async function updateLabel(
  caller: LiveCtx,
  projectId: string,
  labelId: string,
  input: UpdateLabel,
): Promise<Label> {
  const ctx = withMutation(caller, "label_update", { project_id: projectId, label_id: labelId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { labels }) {
      const label = labels.find(({ id }) => id === labelId);
      if (!label) throw noLabel();
      const { name = label.name, color = label.color } = input;
      if (name === label.name && color === label.color) return false;
      requireFreeName(labels, name, labelId);
      await queryIn(tx.orm, "update labels set name = $2, color = $3 where id = $1::uuid", [labelId, name, color]);
      return true;
    },
    pick: ({ labels }) => getOne(labels, ({ id }) => id === labelId),
  });
}

/** Takes an admin; takes it off its tasks too. Throws `not_found`; `conflict` (with the label) where they are too many. */
export async function deleteLabel(
  caller: LiveCtx,
  projectId: string,
  labelId: string,
  input: { mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "label_delete", { project_id: projectId, label_id: labelId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { labels }) {
      const label = labels.find(({ id }) => id === labelId);
      if (!label) throw noLabel();
      await unlabel(tx, projectId, labelId, ctx.actor.id, label);
      await queryIn(tx.orm, "delete from labels where id = $1::uuid", [labelId]);
      return true;
    },
    pick: () => undefined,
  });
}
