/** What `@taskwire/client` offers. */
export type { Clock } from "./clock.ts";
export type { OpenComments } from "./comments.ts";
export { type ClientErrorCode, TaskwireError } from "./errors.ts";
export { type Observable, when } from "./observable.ts";
export type { Write } from "./optimistic.ts";
export { byPosition, columnOf } from "./order.ts";
export type { Rest } from "./rest.ts";
export type { SocketConstructor, SocketLike } from "./socket.ts";
export type { ConnectionState, Refusal } from "./state.ts";
export type { Closed, ProjectStore } from "./stores.ts";
export { createTaskwire, type Taskwire, type TaskwireOptions } from "./taskwire.ts";
export type { NewTask, Place, TaskChanges } from "./writes.ts";
