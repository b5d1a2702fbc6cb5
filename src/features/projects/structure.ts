/** A project with its columns and labels, as `project_updated` carries them, and the one way to change columns or labels. */
import { type CommittedEvent, type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import type { Column, Label, Project } from "../../protocol/projects.ts";
import { requireLeast } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { getRole, noProject, requireRoleNow } from "./permission.ts";
import { columnsJson, labelsJson, projectJson } from "./project-json.ts";

export interface Structure {
  readonly project: Project;
  /** In their order. */
  readonly columns: Column[];
  /** By name. */
  readonly labels: Label[];
}

export async function readStructure(tx: Tx, projectId: string): Promise<Structure> {
  const rows = await queryIn<{ project: string; columns: string; labels: string }>(
    tx.orm,
    `select ${projectJson("p")} as project, ${columnsJson("p.id")} as columns, ${labelsJson("p.id")} as labels
    from projects p where p.id = $1::uuid`,
    [projectId],
  );
  const row = rows[0];
  if (!row) throw noProject();
  return { project: JSON.parse(row.project), columns: JSON.parse(row.columns), labels: JSON.parse(row.labels) };
}

interface Change<Answer> {
  /** Changes rows, and emits what happens to tasks; answers whether anything changed. */
  readonly work: (tx: Tx, before: Structure) => Promise<boolean>;
  /** The answer, out of the structure as this write left it; of a retried write too. */
  readonly pick: (after: Structure) => Answer;
}

/**
 * Takes an admin. One `project_updated`, behind the events of the tasks; none where nothing changed. What it decides on
 * is read under the lock, not from the cache: each such write outdates the caches of all others.
 */
export async function changeStructure<Answer>(
  ctx: LiveCtx,
  projectId: string,
  { work, pick }: Change<Answer>,
): Promise<Answer> {
  requireLeast(await getRole(ctx, projectId), "admin"); // others do not get as far as the lock
  const { answer } = await transact<Answer>(ctx, {
    rooms: [projectId],
    work: async (tx) => {
      await requireRoleNow(tx, ctx, projectId, "admin");
      const before = await readStructure(tx, projectId);
      if (!(await work(tx, before))) return pick(before);
      const after = await readStructure(tx, projectId);
      emit(tx, "project_updated", projectId, { ...after, updated_by: ctx.actor.id });
      return pick(after);
    },
    replay: (events) => pick(structureOf(events)),
  });
  return answer;
}

function structureOf(events: readonly CommittedEvent[]): Structure {
  const last = events.at(-1);
  if (!last) throw new Error("a replayed write has events");
  return JSON.parse(last.data);
}

/** The one that a write has just made or changed. */
export function getOne<Item>(items: readonly Item[], wanted: (item: Item) => boolean): Item {
  const item = items.find(wanted);
  if (!item) throw new Error("what was written is not in the structure");
  return item;
}
