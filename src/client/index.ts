/** What `@taskwire/client` offers. */
export type { Clock } from "./clock.ts";
export type { Conflict } from "./conflicts.ts";
export type { DebugOption } from "./debug.ts";
export { type ClientErrorCode, TaskwireError } from "./errors.ts";
export type { Inbox } from "./inbox.ts";
export { type Observable, when } from "./observable.ts";
export type { Write } from "./optimistic.ts";
export { byPosition, columnOf } from "./order.ts";
export type { OutboxStorage } from "./outbox-storage.ts";
export type { Rest } from "./rest.ts";
export type { SocketConstructor, SocketLike } from "./socket.ts";
export type { ConnectionState, Refusal } from "./state.ts";
export type { Closed, ProjectStore } from "./stores.ts";
export type { ChecklistPlace, PagedList, Shown, TaskDetail, TaskDetailState } from "./task-detail.ts";
export { TaskManagerWebSocket } from "./task-manager.ts";
export { createTaskwire, type Refused, type Taskwire, type TaskwireOptions } from "./taskwire.ts";
export type { NewTask, Place, Seen, TaskChanges } from "./writes.ts";
