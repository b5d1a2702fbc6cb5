/** Comments on tasks, and reactions to them. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, MutationId } from "./ids.ts";
import { Text } from "./text.ts";
import { User } from "./users.ts";

export const Comment = z.object({
  id: z.string(),
  task_id: z.string(),
  author_id: z.string(),
  content: z.string(),
  /** Emoji → ids of the people who reacted. */
  reactions: z.record(z.string(), z.array(z.string())),
  created_at: z.string(),
  edited_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
});
export type Comment = z.infer<typeof Comment>;

export const CommentContent = Text(20_000).refine((content) => content.trim() !== "", "is empty");

export const CreateComment = z.strictObject({
  content: CommentContent,
  id: Id.optional(),
  mutation_id: MutationId.optional(),
});
export type CreateComment = z.infer<typeof CreateComment>;

export const UpdateComment = z.strictObject({ content: CommentContent, mutation_id: MutationId.optional() });
export type UpdateComment = z.infer<typeof UpdateComment>;

export const ListComments = z.strictObject({ ...listQuery, order: z.enum(["oldest", "newest"]).default("oldest") });
export type ListComments = z.infer<typeof ListComments>;

/** Different emoji that one comment takes. */
export const reactionsMax = 20;

// Many keyboards send the bare character where the standard's sequence ends with a variation selector.
const emojiOf = (text: string): string => (isEmoji(text) ? text : `${text}\uFE0F`);
const isEmoji = (text: string): boolean => /^\p{RGI_Emoji}$/v.test(text);

/** One emoji as Unicode recommends it for interchange: flags, families and skin tones are one, too. */
export const Emoji = z.string().max(64).transform(emojiOf).refine(isEmoji, "is not an emoji");

export const commentEndpoints = {
  listComments: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id/comments",
    tag: "comments",
    summary: "A task's comments",
    description: "Oldest first; `order` `newest` turns that round. A cursor is good for the order it came with.",
    query: ListComments,
    answer: Page(Comment),
    errors: ["not_found"],
  }),
  createComment: defineEndpoint({
    method: "POST",
    path: "/api/tasks/:id/comments",
    tag: "comments",
    summary: "Write a comment",
    description: "Takes the role member.",
    body: CreateComment,
    status: 201,
    answer: Comment,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  updateComment: defineEndpoint({
    method: "PATCH",
    path: "/api/comments/:id",
    tag: "comments",
    summary: "Edit one's own comment",
    description: "Takes the role member.",
    body: UpdateComment,
    answer: Comment,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
  deleteComment: defineEndpoint({
    method: "DELETE",
    path: "/api/comments/:id",
    tag: "comments",
    summary: "Delete a comment",
    description: "One's own with the role member, others' with the role admin. It stays in the list, emptied.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
  addReaction: defineEndpoint({
    method: "PUT",
    path: "/api/comments/:id/reactions/:emoji",
    tag: "comments",
    summary: "React to a comment with an emoji",
    description: `Takes the role member. The emoji is percent-encoded; a comment takes ${reactionsMax} different ones, further are \`conflict\`. The event is \`comment_updated\`; if the caller's reaction is there, there is none.`,
    answer: Comment,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  removeReaction: defineEndpoint({
    method: "DELETE",
    path: "/api/comments/:id/reactions/:emoji",
    tag: "comments",
    summary: "Take one's own reaction back",
    description: "Takes the role member. The event is `comment_updated`; if there is no such reaction, there is none.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};

const whole = { comment: Comment, task_id: z.string() };

export const commentEvents = {
  comment_added: defineEvent({
    audience: "project",
    durable: true,
    description: "A comment was written.",
    data: z.object({ ...whole, author: User }),
  }),
  comment_updated: defineEvent({
    audience: "project",
    durable: true,
    description: "A comment was edited, or somebody reacted to it.",
    data: z.object({ ...whole, comment_id: z.string(), updated_by: z.string() }),
  }),
  comment_deleted: defineEvent({
    audience: "project",
    durable: true,
    description: "A comment was deleted; its content is empty from now on.",
    data: z.object({ ...whole, comment_id: z.string(), deleted_by: z.string() }),
  }),
};
