/** Reactions to comments: an emoji, and the people who chose it in the order in which they did. */
import { withMutation } from "../../db/mutation.ts";
import { type Comment, reactionsMax } from "../../protocol/comments.ts";
import { AppError } from "../../protocol/errors.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import type { Written } from "../tasks/submit.ts";
import { changeComment, requireCommentRole, setComment } from "./service.ts";

interface Reaction {
  readonly comment_id: string;
  readonly emoji: string;
  readonly mutation_id?: string | undefined;
}

/** Takes a member. Answers the comment. Throws `conflict`, with it, where it has too many different reactions. */
export const addReaction = (caller: LiveCtx, input: Reaction): Promise<Written> =>
  react(withMutation(caller, "reaction_add", input), input, ({ reactions }, me) => {
    const people = reactions[input.emoji] ?? [];
    return people.includes(me) ? reactions : { ...reactions, [input.emoji]: [...people, me] };
  });

export const removeReaction = (caller: LiveCtx, input: Reaction): Promise<Written> =>
  react(withMutation(caller, "reaction_remove", input), input, ({ reactions }, me) => {
    const { [input.emoji]: people = [], ...others } = reactions;
    if (!people.includes(me)) return reactions;
    const left = people.filter((id) => id !== me);
    return left.length === 0 ? others : { ...reactions, [input.emoji]: left };
  });

type Reactions = Comment["reactions"];

/** `next` answers the same object where nothing changes. */
function react(
  ctx: LiveCtx,
  { comment_id: commentId }: Reaction,
  next: (before: Comment, me: string) => Reactions,
): Promise<Written> {
  return changeComment(ctx, {
    commentId,
    check: (access) => void requireCommentRole(access, ctx),
    async work(tx, access, before) {
      const reactions = next(before, ctx.actor.id);
      if (reactions === before.reactions) return before;
      if (Object.keys(reactions).length > reactionsMax)
        throw new AppError("conflict", `a comment takes ${reactionsMax} different reactions`, { current: before });
      const comment = await setComment(tx, commentId, "reactions = $2::text::json", JSON.stringify(reactions));
      const whole = { comment, task_id: comment.task_id, comment_id: commentId };
      emit(tx, "comment_updated", access.projectId, { ...whole, updated_by: ctx.actor.id });
      return comment;
    },
  });
}
