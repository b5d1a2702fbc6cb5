/** A project's columns: reading, making, changing, deleting them. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import type { Tx } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { endPosition, positionBetween } from "../../db/position.ts";
import { query, queryIn } from "../../db/query.ts";
import { type CreateColumn, columnsMax, type UpdateColumn } from "../../protocol/columns.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import type { Column } from "../../protocol/projects.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { freeStatus, newestStatus } from "./column-status.ts";
import { getRole } from "./permission.ts";
import { columnJson } from "./project-json.ts";
import { changeStructure, getOne } from "./structure.ts";
import { countInColumn, moveToColumn, setCompleted } from "./task-effects.ts";

const Cursor = z.tuple([z.string().regex(/^\w+$/), z.uuid()]);
const beforeAll = ["", "00000000-0000-0000-0000-000000000000"] as const;

/** In their order. The cursor's column says where it stands now, for columns may all be placed anew. */
export async function listColumns(
  ctx: LiveCtx,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [position, id] = decodeCursor(Cursor, cursor) ?? beforeAll;
  const rows = await query<{ position: string; id: string; body: string }>(
    ctx,
    `select c.position, c.id, ${columnJson("c")} as body from columns c
    where c.project_id = $1::uuid and (c.position, c.id) > (coalesce(
      (select last.position from columns last where last.project_id = $1::uuid and last.id = $3::uuid), $2), $3::uuid)
    order by c.position, c.id limit $4::int`,
    [projectId, position, id, limit + 1],
  );
  await getRole(ctx, projectId); // after the read: whoever belongs here now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.position, last.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/**
 * Takes an admin. An `id` that exists: the same answer where it is that column. Throws `conflict` for a
 * status that is taken (with its column), an `id` that is, and beyond `columnsMax`; `invalid`.
 */
export async function createColumn(caller: LiveCtx, projectId: string, input: CreateColumn): Promise<Column> {
  const ctx = withMutation(caller, "column_create", { project_id: projectId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { columns }) {
      if (columns.some((column) => isMadeBy(column, input))) return false;
      if (columns.length >= columnsMax)
        throw new AppError("conflict", `a project has at most ${columnsMax} columns; delete one first`);
      const statuses = columns.map(({ status }) => status);
      const status = input.status ?? freeStatus(input.name, statuses);
      const current = columns.find((column) => column.status === status);
      if (current) throw new AppError("conflict", `the status ${status} is another column's`, { current });
      const position = await makeRoom(tx, columns, findPlace(columns, input) ?? columns.length);
      const id = input.id ?? Bun.randomUUIDv7();
      const inserted = await queryIn(
        tx.orm,
        `insert into columns (id, project_id, status, name, position, wip_limit, done)
        values ($1::uuid, $2::uuid, $3, $4, $5, $6::int, $7::boolean) on conflict (id) do nothing returning id`,
        [id, projectId, status, input.name, position, input.wip_limit, input.done ?? false],
      );
      if (inserted.length === 0) throw new AppError("conflict", "a column with this id exists");
      return true;
    },
    pick({ columns }) {
      if (input.id !== undefined) return getOne(columns, ({ id }) => id === input.id);
      const status =
        input.status ??
        newestStatus(
          input.name,
          columns.map((column) => column.status),
        );
      return getOne(columns, (column) => column.status === status);
    },
  });
}

const isMadeBy = ({ id, name, wip_limit, done }: Column, input: CreateColumn): boolean =>
  id === input.id && name === input.name && wip_limit === (input.wip_limit ?? null) && done === (input.done ?? false);

const noColumn = () => new AppError("not_found", "the project has no such column");

/** Takes an admin. Throws `not_found`, `invalid`; `conflict` where another `done` would change too many tasks. */
export async function updateColumn(
  caller: LiveCtx,
  projectId: string,
  columnId: string,
  input: UpdateColumn,
): Promise<Column> {
  const ctx = withMutation(caller, "column_update", { project_id: projectId, column_id: columnId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { columns }) {
      const column = columns.find(({ id }) => id === columnId);
      if (!column) throw noColumn();
      const { name = column.name, wip_limit = column.wip_limit, done = column.done } = input;
      const position = await findPosition(tx, columns, column, input);
      if (Bun.deepEquals({ ...column, name, wip_limit, done, position }, column)) return false;
      await queryIn(
        tx.orm,
        "update columns set name = $2, wip_limit = $3::int, done = $4::boolean, position = $5 where id = $1::uuid",
        [columnId, name, wip_limit, done, position],
      );
      if (done !== column.done) await setCompleted(tx, projectId, { ...column, done }, ctx.actor.id, column);
      return true;
    },
    pick: ({ columns }) => getOne(columns, ({ id }) => id === columnId),
  });
}

/**
 * Takes an admin. The column's tasks go to the column whose status is `move_to`. Throws `not_found`, `invalid`;
 * `conflict` (with the column) for the last one, and for one with tasks where `move_to` is absent or they are too many.
 */
export async function deleteColumn(
  caller: LiveCtx,
  projectId: string,
  columnId: string,
  input: { move_to?: string | undefined; mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "column_delete", { project_id: projectId, column_id: columnId, ...input });
  return changeStructure(ctx, projectId, {
    async work(tx, { columns }) {
      const column = columns.find(({ id }) => id === columnId);
      if (!column) throw noColumn();
      if (columns.length === 1)
        throw new AppError("conflict", "this is the project's last column; make another one first", {
          current: column,
        });
      const target = columns.find(({ id, status }) => id !== columnId && status === input.move_to);
      if (input.move_to !== undefined && !target) throw invalid("move_to", "is the status of no other column");
      const count = await countInColumn(tx, projectId, column.status, column);
      if (count > 0 && !target)
        throw new AppError("conflict", `${count} tasks are in this column; say where they go: ?move_to=<status>`, {
          current: column,
        });
      if (target) await moveToColumn(tx, projectId, column.status, target, ctx.actor.id);
      await queryIn(tx.orm, "delete from columns where id = $1::uuid", [columnId]);
      return true;
    },
    pick: () => undefined,
  });
}

interface Place {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** Index behind `after`, else in front of `before`; undefined without either. Throws `invalid`. */
function findPlace(others: readonly Column[], { before, after }: Place): number | undefined {
  const indexOf = (side: "before" | "after", id: string): number => {
    const index = others.findIndex((column) => column.id === id);
    if (index < 0) throw invalid(side, "is no other column of the project");
    return index;
  };
  const beforeIndex = before === undefined ? undefined : indexOf("before", before);
  return after === undefined ? beforeIndex : indexOf("after", after) + 1;
}

/** The column's position where it is put; its own one where that is where it stands. */
async function findPosition(tx: Tx, columns: readonly Column[], column: Column, place: Place): Promise<string> {
  const others = columns.filter(({ id }) => id !== column.id);
  const index = findPlace(others, place);
  if (index === undefined || index === columns.indexOf(column)) return column.position;
  return makeRoom(tx, others, index);
}

/** A position longer than this says that columns crowd there: all are placed anew. */
const positionLengthMax = 24;

/** A position at `index` among `others`; where it would be long, or there is no room, they get positions of even distance. */
async function makeRoom(tx: Tx, others: readonly Column[], index: number): Promise<string> {
  const [low, high] = [others[index - 1]?.position ?? null, others[index]?.position ?? null];
  const position = low !== null && high !== null && low >= high ? null : positionBetween(low, high);
  if (position !== null && position.length <= positionLengthMax) return position;
  const placed = others.map(({ id }, i) => ({ id, position: endPosition(i < index ? i + 1 : i + 2) }));
  await queryIn(
    tx.orm,
    `update columns c set position = x.position from json_to_recordset($1::text::json) as x(id uuid, position text)
    where c.id = x.id`,
    [JSON.stringify(placed)],
  );
  return endPosition(index + 1);
}
