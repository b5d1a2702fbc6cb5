/** Who watches a task: a private matter that makes no event. */
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { User } from "./users.ts";

export const watcherEndpoints = {
  listWatchers: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id/watchers",
    tag: "tasks",
    summary: "The members who watch a task",
    description: "In the order in which they began to.",
    query: ListQuery,
    answer: Page(User),
    errors: ["not_found"],
  }),
  watchTask: defineEndpoint({
    method: "PUT",
    path: "/api/tasks/:id/watchers/me",
    tag: "tasks",
    summary: "Watch a task",
    description: "Any member of the project may, viewers too. Makes no event.",
    status: 204,
    errors: ["not_found", "idempotency_mismatch"],
  }),
  unwatchTask: defineEndpoint({
    method: "DELETE",
    path: "/api/tasks/:id/watchers/me",
    tag: "tasks",
    summary: "Watch a task no more",
    description: "Also keeps the caller from watching it of its own accord later, as by a comment. Makes no event.",
    status: 204,
    errors: ["not_found", "idempotency_mismatch"],
  }),
};
