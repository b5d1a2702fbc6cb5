/**
 * Room where many tasks were dropped into one gap: each drop makes positions a little longer, so now and then the tasks
 * around the gap get new, short ones. Their order stays what it is, after each single event of it too.
 */
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { positionsBetween } from "../../db/position.ts";
import { queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import type { Task } from "../../protocol/tasks.ts";
import { emit, systemCtx } from "../../realtime/log.ts";

/** A position that would be longer asks for room first. */
export const positionLengthMax = 64;
/** No position near a gap is longer: there is room. One that is put between two is at most five characters longer. */
const roomyLength = positionLengthMax - 5;
/** Wanted of new positions: room for some hundred drops more. */
const shortLength = positionLengthMax / 2;
/** Tasks looked at on either side: more, where the fewer stand too close together. The last bounds the events of a write. */
export const reaches = [32, 64, 128, 256, 512, 1_024, 2_048] as const;

export interface Placed {
  readonly id: string;
  readonly position: string;
}

/** Tasks in order; `low` and `high` are the positions beside them, null at the list's ends. */
export interface Stretch {
  readonly tasks: readonly Placed[];
  readonly low: string | null;
  readonly high: string | null;
}

/**
 * New positions for the tasks, in an order in which they can be told one by one: first those that go down, from the first,
 * then those that go up, from the last. So none ever passes a neighbour. Undefined where the stretch has no room at all.
 */
export function planSpread({ tasks, low, high }: Stretch, random = Math.random): Placed[] | undefined {
  if (low !== null && high !== null && low >= high) return undefined;
  const positions = positionsBetween(tasks.length, low, high, random);
  const moves = tasks.map(({ id, position }, i) => ({ id, from: position, position: positions[i] ?? position }));
  const down = moves.filter(({ from, position }) => position < from);
  const up = moves.filter(({ from, position }) => position > from).reverse();
  return [...down, ...up].map(({ id, position }) => ({ id, position }));
}

/** `before` and `behind` the gap: the nearest first, one more than `reach` where there are so many. */
export function stretchOf(before: readonly Placed[], behind: readonly Placed[], reach: number): Stretch {
  return {
    tasks: [...before.slice(0, reach).reverse(), ...behind.slice(0, reach)],
    low: before[reach]?.position ?? null,
    high: behind[reach]?.position ?? null,
  };
}

const isLong = (length: number) => (placed: Placed) => placed.position.length > length;

/** Is a wider stretch wanted, for this plan leaves positions long? */
export const isTight = (plan: readonly Placed[] | undefined): boolean => plan?.some(isLong(shortLength)) ?? true;

/**
 * Makes room around the position `at`, which would have been too long; nothing where somebody has made it since. Who
 * drops a card moves that card alone: these moves are the server's own. They raise versions, as each change does, and
 * leave `updated_at` alone.
 */
export async function makeRoom(ctx: Ctx, projectId: string, at: string): Promise<void> {
  const system = systemCtx(ctx, ctx.requestId);
  await transact(system, {
    rooms: [projectId],
    async work(tx) {
      const plan = await findPlan(tx, projectId, at);
      if (plan) await move(tx, projectId, plan, system.actor.id);
    },
    replay: () => undefined,
  });
}

async function findPlan(tx: Tx, projectId: string, at: string): Promise<Placed[] | undefined> {
  let plan: Placed[] | undefined;
  for (const reach of reaches) {
    const [before, behind] = [
      await look(tx, projectId, at, "<", reach + 1),
      await look(tx, projectId, at, ">=", reach + 1),
    ];
    const stretch = stretchOf(before, behind, reach);
    if (!stretch.tasks.some(isLong(roomyLength))) return undefined;
    plan = planSpread(stretch);
    if (!isTight(plan)) return plan;
  }
  return plan;
}

/** Has no index (see change.ts): reads the project's tasks. */
function look(tx: Tx, projectId: string, at: string, side: "<" | ">=", limit: number): Promise<Placed[]> {
  const order = side === "<" ? "desc" : "asc";
  return queryIn<Placed>(
    tx.orm,
    `select t.id, t.position from tasks t where t.project_id = $1::uuid and t.position ${side} $2
    order by t.position ${order}, t.id ${order} limit $3::int`,
    [projectId, at, limit],
  );
}

async function move(tx: Tx, projectId: string, plan: readonly Placed[], by: string): Promise<void> {
  const rows = await queryIn<{ id: string; body: string }>(
    tx.orm,
    `update tasks t set position = x.position, version = t.version + 1
    from json_to_recordset($1::text::json) as x(id uuid, position text)
    where t.id = x.id and t.project_id = $2::uuid returning t.id, ${taskJson("t")} as body`,
    [JSON.stringify(plan), projectId],
  );
  const bodies = new Map(rows.map(({ id, body }) => [id, body]));
  for (const { id } of plan) {
    const task: Task = JSON.parse(bodies.get(id) ?? "");
    emit(tx, "task_moved", projectId, { task, task_id: id, moved_by: by });
  }
}
