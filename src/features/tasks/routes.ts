/** Tasks over HTTP. */
import { answerLarge, handle, ifMatch, noContent, type Route } from "../../http/kit.ts";
import { invalid } from "../../protocol/errors.ts";
import { taskEndpoints } from "../../protocol/tasks.ts";
import { moveTask, updateTask } from "./change.ts";
import { listTasks } from "./list.ts";
import { createTask, deleteTask } from "./service.ts";
import { getTask } from "./submit.ts";

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
