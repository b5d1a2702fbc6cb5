/** Tasks over HTTP. */
import { answer, answerLarge, handle, ifMatch, noContent, type Route } from "../../http/kit.ts";
import { blockerEndpoints } from "../../protocol/blockers.ts";
import { checklistEndpoints } from "../../protocol/checklist.ts";
import { invalid } from "../../protocol/errors.ts";
import { taskEndpoints } from "../../protocol/tasks.ts";
import { watcherEndpoints } from "../../protocol/watchers.ts";
import { addBlocker, removeBlocker } from "./blockers.ts";
import { moveTask, updateTask } from "./change.ts";
import { createChecklistItem, deleteChecklistItem, listChecklist, updateChecklistItem } from "./checklist.ts";
import { listTasks } from "./list.ts";
import { createTask, deleteTask } from "./service.ts";
import { getTask } from "./submit.ts";
import { listWatchers, setWatching } from "./watchers.ts";

/** In the row's JSON the version stands right before `created_by`, and nothing inside a string can look like it. */
const versionOf = (task: string): string => /"version":(\d+),"created_by":/.exec(task)?.[1] ?? "";
/** The id is the row's first field. */
const idOf = (json: string): string => json.slice(7, 43);

const answerTask = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(text, {
    status,
    headers: { "content-type": "application/json", etag: `"${versionOf(text)}"`, ...headers },
  });

/** The version of the body and that of `If-Match` are the same thing. */
function versionOfRequest(request: Request, version: number | undefined): number | undefined {
  const header = ifMatch(request);
  if (version !== undefined && header !== undefined && version !== header)
    throw invalid("version", "differs from the header If-Match");
  return version ?? header;
}

export const taskRoutes = (): Route[] => [
  handle(taskEndpoints.listTasks, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listTasks(ctx, params.id, query)),
  ),
  handle(taskEndpoints.createTask, async ({ ctx, params, body }) => {
    const { json } = await createTask(ctx, { ...body, project_id: params.id });
    return answerTask(201, json.text, { location: `/api/tasks/${idOf(json.text)}` });
  }),
  handle(taskEndpoints.getTask, async ({ ctx, params }) => answerTask(200, await getTask(ctx, params.id))),
  handle(taskEndpoints.updateTask, async ({ ctx, request, params, body }) => {
    const { version, mutation_id, ...changes } = body;
    const wanted = versionOfRequest(request, version);
    const { json } = await updateTask(ctx, { task_id: params.id, version: wanted, changes, mutation_id });
    return answerTask(200, json.text);
  }),
  handle(taskEndpoints.deleteTask, async ({ ctx, request, params, body }) => {
    await deleteTask(ctx, { task_id: params.id, version: ifMatch(request), ...body });
    return noContent();
  }),
  handle(taskEndpoints.moveTask, async ({ ctx, params, body }) => {
    const { json } = await moveTask(ctx, { ...body, task_id: params.id });
    return answerTask(200, json.text);
  }),
];

export const blockerRoutes = (): Route[] => [
  handle(blockerEndpoints.addBlocker, async ({ ctx, params, body }) => {
    const task = await addBlocker(ctx, { task_id: params.id, blocker_id: params.task_id, ...body });
    return answer(200, task, { etag: `"${task.version}"` });
  }),
  handle(blockerEndpoints.removeBlocker, async ({ ctx, params, body }) => {
    await removeBlocker(ctx, { task_id: params.id, blocker_id: params.task_id, ...body });
    return noContent();
  }),
];

export const watcherRoutes = (): Route[] => [
  handle(watcherEndpoints.listWatchers, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listWatchers(ctx, params.id, query)),
  ),
  handle(watcherEndpoints.watchTask, async ({ ctx, params, body }) => {
    await setWatching(ctx, { task_id: params.id, watching: true, ...body });
    return noContent();
  }),
  handle(watcherEndpoints.unwatchTask, async ({ ctx, params, body }) => {
    await setWatching(ctx, { task_id: params.id, watching: false, ...body });
    return noContent();
  }),
];

export const checklistRoutes = (): Route[] => [
  handle(checklistEndpoints.listChecklist, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listChecklist(ctx, params.id, query)),
  ),
  handle(checklistEndpoints.createChecklistItem, async ({ ctx, params, body }) => {
    const item = await createChecklistItem(ctx, params.id, body);
    return answer(201, item, { location: `/api/tasks/${params.id}/checklist` });
  }),
  handle(checklistEndpoints.updateChecklistItem, async ({ ctx, params, body }) =>
    answer(200, await updateChecklistItem(ctx, params.id, body)),
  ),
  handle(checklistEndpoints.deleteChecklistItem, async ({ ctx, params, body }) => {
    await deleteChecklistItem(ctx, params.id, body);
    return noContent();
  }),
];
