/** Comments over HTTP. */
import { z } from "zod";
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { commentEndpoints, Emoji } from "../../protocol/comments.ts";
import { parse } from "../../protocol/errors.ts";
import { addReaction, removeReaction } from "./reactions.ts";
import { createComment, deleteComment, listComments, updateComment } from "./service.ts";

const EmojiParam = z.object({ emoji: Emoji });

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
  handle(commentEndpoints.addReaction, async ({ ctx, params, body }) => {
    const { emoji } = parse(EmojiParam, params);
    const { json } = await addReaction(ctx, { comment_id: params.id, emoji, ...body });
    return answer(200, json);
  }),
  handle(commentEndpoints.removeReaction, async ({ ctx, params, body }) => {
    const { emoji } = parse(EmojiParam, params);
    await removeReaction(ctx, { comment_id: params.id, emoji, ...body });
    return noContent();
  }),
];
