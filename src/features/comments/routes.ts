/** Comments over HTTP. */
import type { Elysia } from "elysia";
import { z } from "zod";
import {
  answer,
  answerLarge,
  type HttpKit,
  listQuery,
  noContent,
  pathId,
  readDelete,
  readQuery,
  readWrite,
  route,
} from "../../http/kit.ts";
import { CreateComment, UpdateComment } from "../../protocol/comments.ts";
import { createComment, deleteComment, listComments, updateComment } from "./service.ts";

const ListQuery = z.strictObject(listQuery);

export function commentRoutes(app: Elysia, kit: HttpKit): void {
  route(app, kit, "/api/tasks/:id/comments", {
    GET: async (call) =>
      answerLarge(call.request, await listComments(call.ctx, pathId(call, "id"), readQuery(call.request, ListQuery))),
    POST: async (call) => {
      const task_id = pathId(call, "id");
      const { json } = await createComment(call.ctx, { ...(await readWrite(call.request, CreateComment)), task_id });
      return answer(201, json, { location: `/api/tasks/${task_id}/comments` });
    },
  });
  route(app, kit, "/api/comments/:id", {
    PATCH: async (call) => {
      const id = pathId(call, "id");
      const { json } = await updateComment(call.ctx, id, await readWrite(call.request, UpdateComment));
      return answer(200, json);
    },
    DELETE: async (call) => {
      await deleteComment(call.ctx, pathId(call, "id"), await readDelete(call.request));
      return noContent();
    },
  });
}
