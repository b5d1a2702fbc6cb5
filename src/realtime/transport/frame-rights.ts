/** What an API key may do over a socket: the scope of each frame, and the project the frame is about. */
import type { Actor, Store } from "../../db/context.ts";
import { type ClientFrameName, frameScopes } from "../../protocol/frames.ts";
import type { Live } from "../live.ts";
import { isHeld, refuseHeldKey, requireKeyProject, requireScope } from "../rights.ts";

interface Deps {
  readonly store: Store;
  readonly live: Live;
}

/**
 * Throws (or rejects with) `forbidden`, `not_found` where the frame is not for this caller. Answers undefined where nothing
 * is to be waited for, as for everybody but keys for certain projects.
 */
export function requireFrameRights(
  { store, live }: Deps,
  actor: Actor,
  name: ClientFrameName,
  data: object,
): Promise<void> | undefined {
  if (!actor.key) return undefined;
  const scope = frameScopes[name];
  requireScope(actor, scope);
  if (scope === "any" || !isHeld(actor)) return undefined;
  const { project_id: projectId, task_id: taskId }: { project_id?: string; task_id?: string } = data;
  // What names neither (the person's own room, say) is not of the key's projects.
  if (projectId === undefined && taskId === undefined) return refuseHeldKey();
  if (projectId !== undefined) requireKeyProject(actor, projectId);
  if (taskId === undefined) return undefined;
  const known = live.access.peekProjectOf(taskId);
  if (known !== undefined) return void requireKeyProject(actor, known);
  return store.database.guard(() => live.access.projectOf(taskId)).then((found) => requireKeyProject(actor, found));
}
