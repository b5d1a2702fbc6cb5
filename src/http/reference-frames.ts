/** What each frame of a client does, for the reference. */
import type { ClientFrameName } from "../protocol/frames.ts";

export const frameSummaries: Readonly<Record<ClientFrameName, string>> = {
  authenticate: "Sign in on an open socket, or renew its token in place.",
  register: "Ask who this connection is; a `user_id` that is another person's is `forbidden`.",
  join_project:
    "Hear a project from now on. With `since` the answer has what was missed, in pages; with `more: true` join again.",
  leave_project: "Hear a project no longer.",
  resume_user: "What was missed in the person's own room, up to the `seq` that `connected` named, in pages.",
  task_create: "Make a task; its `id` may be made by the client.",
  task_update: "Change fields of a task; a stale `version` is `conflict`.",
  task_status_update: "Put a task into another column, at its end.",
  task_move: "Put a task between two others of a column.",
  task_assign: "Replace a task's assignees.",
  task_delete: "Delete a task and its subtasks.",
  new_comment: "Write a comment; its `id` may be made by the client.",
  user_typing: "Tell that the person types on a task of a joined project. It ends by itself after 6 s.",
  presence_update: "Tell how present the person is on this connection, and at which task.",
  mark_read: "Mark entries of the inbox read, or unread (`read: false`): some, or `all` that are in sight.",
  ping: "Is the server there? Without `id` it answers with the event `pong`.",
};
