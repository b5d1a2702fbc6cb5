/** Which tasks wait for which: `blocked_by_ids` of a task. */
import { defineEndpoint } from "./endpoint.ts";
import { Task } from "./tasks.ts";

/** Tasks that one task may wait for. */
export const blockersMax = 50;
/** Tasks that may wait for one: each has an event when that is deleted. */
export const blockedMax = 500;

export const blockerEndpoints = {
  addBlocker: defineEndpoint({
    method: "PUT",
    path: "/api/tasks/:id/blocked-by/:task_id",
    tag: "tasks",
    summary: "Let a task wait for another",
    description: `Takes the role member. Both are of one project. A circle of tasks that wait for each other is \`conflict\`, and so are more than ${blockersMax} that one task waits for, and more than ${blockedMax} that wait for one. The event is \`task_updated\`; if it waits already, there is none.`,
    answer: Task,
    etag: true,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  removeBlocker: defineEndpoint({
    method: "DELETE",
    path: "/api/tasks/:id/blocked-by/:task_id",
    tag: "tasks",
    summary: "Let a task wait for another no more",
    description: "Takes the role member. The event is `task_updated`; if it does not wait, there is none.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
