/** The checklist of a task. Its changes are changes of the task, told with the whole list. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import type { CommittedEvent, Tx } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { endPosition, positionBetween } from "../../db/position.ts";
import { query, queryIn } from "../../db/query.ts";
import { checklistItemJson } from "../../db/row-json.ts";
import {
  type ChecklistItem,
  type CreateChecklistItem,
  checklistMax,
  type UpdateChecklistItem,
} from "../../protocol/checklist.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { changeAside, tellUpdate } from "./aside.ts";
import { findRoom, getProjectOf, getTask } from "./submit.ts";

type List = readonly ChecklistItem[];

const noItem = () =>
  new AppError("not_found", "there is no such item of a checklist, or you are not a member of its project");

const Cursor = z.tuple([z.string(), z.uuid()]);

/** In its order; a page's cursor stays good whatever changes. Throws `not_found`. */
export async function listChecklist(
  ctx: LiveCtx,
  taskId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [position, id] = decodeCursor(Cursor, cursor) ?? ["", "00000000-0000-0000-0000-000000000000"];
  const rows = await query<{ position: string; id: string; body: string }>(
    ctx,
    `select i.position, i.id, ${checklistItemJson("i")} as body from checklist_items i
    where i.task_id = $1::uuid and (i.position, i.id) > ($2, $3::uuid) order by i.position, i.id limit $4::int`,
    [taskId, position, id, limit + 1],
  );
  await getTask(ctx, taskId); // after the read: whoever may see the task now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.position, last.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/**
 * Adds an item to the end. An `id` that exists: the same answer where it is the same item, else `conflict`. Throws
 * `conflict` where the list is full.
 */
export async function createChecklistItem(
  caller: LiveCtx,
  taskId: string,
  input: CreateChecklistItem,
): Promise<ChecklistItem> {
  const ctx = withMutation(caller, "checklist_create", { task_id: taskId, ...input });
  const projectId = ctx.live.access.peekProjectOf(taskId) ?? (await getProjectOf(ctx, taskId));
  return changeAside(ctx, projectId, taskId, {
    async work(tx, task) {
      const list = await readList(tx, taskId);
      const same = list.find(({ id }) => id === input.id);
      if (same && same.created_by === ctx.actor.id && same.title === input.title) return same;
      if (list.length >= checklistMax)
        throw new AppError("conflict", `a checklist has at most ${checklistMax} items`, { current: task });
      const id = input.id ?? Bun.randomUUIDv7();
      const position = positionAt(list, list.length) ?? (await spread(tx, list, list.length));
      const inserted = await queryIn(tx.orm, insertSql, [id, taskId, input.title, position, ctx.actor.id]);
      if (inserted.length === 0) throw new AppError("conflict", "an item with this id exists", { current: task });
      return find(await tell(tx, ctx, taskId), id);
    },
    replay: (events) => listOf(events).at(-1) ?? missing(),
  });
}

const insertSql = `insert into checklist_items (id, task_id, title, position, created_by)
  values ($1::uuid, $2::uuid, $3, $4, $5::uuid) on conflict (id) do nothing returning id`;

/** Changes an item, or its place: behind `after`, else in front of `before`. Throws `invalid` for places that are none. */
export async function updateChecklistItem(
  caller: LiveCtx,
  itemId: string,
  input: UpdateChecklistItem,
): Promise<ChecklistItem> {
  const ctx = withMutation(caller, "checklist_update", { item_id: itemId, ...input });
  return changeItem(ctx, itemId, {
    async work(tx, list, item) {
      const position = await newPosition(tx, list, item, input);
      const { title = item.title, done = item.done } = input;
      if (position === item.position && title === item.title && done === item.done) return item;
      await queryIn(tx.orm, updateSql, [itemId, title, done, position]);
      return find(await tell(tx, ctx, item.task_id), itemId);
    },
    replay: (events) => find(listOf(events), itemId),
  });
}

const updateSql = `update checklist_items i set title = $2, done = $3::boolean, position = $4,
  completed_at = case when $3::boolean then coalesce(i.completed_at, now()) end where i.id = $1::uuid`;

export async function deleteChecklistItem(
  caller: LiveCtx,
  itemId: string,
  input: { mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "checklist_delete", { item_id: itemId, ...input });
  await changeItem(ctx, itemId, {
    async work(tx, _, item) {
      await queryIn(tx.orm, "delete from checklist_items where id = $1::uuid", [itemId]);
      await tell(tx, ctx, item.task_id);
      return null;
    },
    replay: () => null,
  });
}

interface ItemChange<Answer> {
  readonly work: (tx: Tx, list: List, item: ChecklistItem) => Promise<Answer>;
  readonly replay: (events: readonly CommittedEvent[]) => Answer;
}

async function changeItem<Answer>(ctx: LiveCtx, itemId: string, change: ItemChange<Answer>): Promise<Answer> {
  const rows = await query<{ task_id: string; project_id: string }>(
    ctx,
    "select t.id as task_id, t.project_id from checklist_items i join tasks t on t.id = i.task_id where i.id = $1::uuid",
    [itemId],
  );
  const projectId = rows[0]?.project_id ?? (await findRoom(ctx));
  if (!projectId) throw noItem();
  try {
    return await changeAside(ctx, projectId, rows[0]?.task_id, {
      async work(tx, task) {
        const list = await readList(tx, task.id);
        return change.work(tx, list, find(list, itemId));
      },
      replay: change.replay,
    });
  } catch (error) {
    throw error instanceof AppError && error.code === "not_found" ? noItem() : error;
  }
}

/** The task is locked, and with it its list. */
async function readList(tx: Tx, taskId: string): Promise<List> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${checklistItemJson("i")} as body from checklist_items i where i.task_id = $1::uuid
    order by i.position, i.id`,
    [taskId],
  );
  return rows.map(({ body }): ChecklistItem => JSON.parse(body));
}

async function tell(tx: Tx, ctx: LiveCtx, taskId: string): Promise<List> {
  const checklist = await readList(tx, taskId);
  await tellUpdate(tx, ctx, taskId, { checklist });
  return checklist;
}

const missing = (): never => {
  throw noItem();
};
const find = (list: List, id: string): ChecklistItem => list.find((item) => item.id === id) ?? missing();

/** The list as a write told it. */
function listOf(events: readonly CommittedEvent[]): List {
  const { changes }: { changes: { checklist: List } } = JSON.parse(events.at(-1)?.data ?? missing());
  return changes.checklist;
}

async function newPosition(
  tx: Tx,
  list: List,
  item: ChecklistItem,
  { before, after }: UpdateChecklistItem,
): Promise<string> {
  if (before === undefined && after === undefined) return item.position;
  const others = list.filter(({ id }) => id !== item.id);
  const indexOf = (name: "before" | "after", id: string): number => {
    const index = others.findIndex((other) => other.id === id);
    if (index === -1) throw invalid(name, id === item.id ? "is the item that moves" : "is no item of the list");
    return index;
  };
  const front = before === undefined ? undefined : indexOf("before", before);
  const index = after === undefined ? (front ?? 0) : indexOf("after", after) + 1;
  if (index === list.indexOf(item)) return item.position;
  return positionAt(others, index) ?? spread(tx, others, index);
}

/** Longer ones are not wanted: positions grow with moves into one gap, and an index holds them. */
const positionMax = 100;

/** A position that makes an item the `index`th; undefined where that would be too long. */
function positionAt(others: List, index: number): string | undefined {
  const position = positionBetween(others[index - 1]?.position ?? null, others[index]?.position ?? null);
  return position.length <= positionMax ? position : undefined;
}

/** Gives all others new, short positions, and answers the one that they leave for the `index`th. */
async function spread(tx: Tx, others: List, index: number): Promise<string> {
  const positions = Array.from({ length: others.length + 1 }, (_, i) => endPosition(i + 1));
  const [own] = positions.splice(index, 1);
  await queryIn(
    tx.orm,
    `update checklist_items i set position = p.position
    from unnest($1::uuid[], $2::text[]) p(id, position) where i.id = p.id`,
    [`{${others.map(({ id }) => id).join()}}`, `{${positions.join()}}`],
  );
  return own ?? endPosition(positions.length + 1);
}
