/** Tasks over HTTP. */
import type { Elysia } from "elysia";
import { z } from "zod";
import {
  answerLarge,
  type HttpKit,
  ifMatch,
  listQuery,
  noContent,
  pathId,
  readDelete,
  readQuery,
  readWrite,
  route,
} from "../../http/kit.ts";
import { invalid } from "../../protocol/errors.ts";
import { Id, InputTimestamp } from "../../protocol/ids.ts";
import { StatusSlug } from "../../protocol/projects.ts";
import { CreateTask, MoveTask, UpdateTask } from "../../protocol/tasks.ts";
import { Text } from "../../protocol/text.ts";
import { moveTask, updateTask } from "./change.ts";
import { listTasks } from "./list.ts";
import { createTask, deleteTask } from "./service.ts";
import { getTask } from "./submit.ts";

/** Unknown filters are refused: one that is spelt wrong would show everything. */
const ListTasks = z.strictObject({
  ...listQuery,
  status: StatusSlug.optional(),
  assignee: z.union([z.literal("me"), Id], "is an id or `me`").optional(),
  label: Id.optional(),
  due_before: InputTimestamp.optional(),
  q: Text(200).optional(),
  archived: z.enum(["true", "false", "all"]).default("false"),
});

/** In the row's JSON the version stands right before `created_by`, and nothing inside a string can look like it. */
const versionOf = (task: string): string => /"version":(\d+),"created_by":/.exec(task)?.[1] ?? "";

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

export function taskRoutes(app: Elysia, kit: HttpKit): void {
  route(app, kit, "/api/projects/:id/tasks", {
    GET: async (call) => {
      const list = await listTasks(call.ctx, pathId(call, "id"), readQuery(call.request, ListTasks));
      return answerLarge(call.request, list);
    },
    POST: async (call) => {
      const project_id = pathId(call, "id");
      const { json } = await createTask(call.ctx, { ...(await readWrite(call.request, CreateTask)), project_id });
      return answerTask(201, json.text, { location: `/api/tasks/${idOf(json.text)}` });
    },
  });
  route(app, kit, "/api/tasks/:id", {
    GET: async (call) => answerTask(200, await getTask(call.ctx, pathId(call, "id"))),
    PATCH: async (call) => {
      const task_id = pathId(call, "id");
      const { version, mutation_id, ...changes } = await readWrite(call.request, UpdateTask);
      const wanted = versionOfRequest(call.request, version);
      const { json } = await updateTask(call.ctx, { task_id, version: wanted, changes, mutation_id });
      return answerTask(200, json.text);
    },
    DELETE: async (call) => {
      const task_id = pathId(call, "id");
      await deleteTask(call.ctx, { task_id, version: ifMatch(call.request), ...(await readDelete(call.request)) });
      return noContent();
    },
  });
  route(app, kit, "/api/tasks/:id/move", {
    POST: async (call) => {
      const task_id = pathId(call, "id");
      const { json } = await moveTask(call.ctx, { ...(await readWrite(call.request, MoveTask)), task_id });
      return answerTask(200, json.text);
    },
  });
}

/** The id is the row's first field. */
const idOf = (json: string): string => json.slice(7, 43);
