/** Comments over HTTP. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { commentEndpoints } from "../../protocol/comments.ts";
import { createComment, deleteComment, listComments, updateComment } from "./service.ts";

export const commentRoutes = (): Route[] => [
  handle(commentEndpoints.listComments, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listComments(ctx, params.id, query)),
  ),
  handle(commentEndpoints.createComment, async ({ ctx, params, body }) => {
    const { json } = await createComment(ctx, { ...body, task_id: params.id });
    return answer(201, json, { location: `/api/tasks/${params.id}/comments` });
  }),
  handle(commentEndpoints.updateComment, async ({ ctx, params, body }) => {
    const { json } = await updateComment(ctx, params.id, body);
    return answer(200, json);
  }),
  handle(commentEndpoints.deleteComment, async ({ ctx, params, body }) => {
    await deleteComment(ctx, params.id, body);
    return noContent();
  }),
];
