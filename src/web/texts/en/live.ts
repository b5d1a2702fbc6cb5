/** The connection, the changes that wait for it, and other people's presence. */
import type { ConnectionState, Write } from "../../../client/index.ts";
import { number, plural } from "../format.ts";

export const live = {
  states: {
    connecting: "Connecting…",
    live: "Live",
    catching_up: "Catching up…",
    offline: "Offline",
  } satisfies Record<ConnectionState, string>,
  catchingUp: (count: number) => `Catching up (${number(count)})`,
  since: (time: string) => `Offline since ${time}`,
  waiting: (count: number) => plural(count, { one: "# change waiting", other: "# changes waiting" }),
  offlineWaiting: (offline: string, waiting: string) => `${offline}, ${waiting}`,
  title: "Connection",
  means: {
    connecting: "The page is on its way to the server.",
    live: "What you see is what is: changes by others appear at once.",
    catching_up: "What happened in the meantime is being fetched.",
    offline: "Go on working: what you change waits here and is sent once, as soon as the server is back.",
  } satisfies Record<ConnectionState, string>,
  nothingWaits: "Nothing waits to be sent.",
  waits: "Waiting to be sent",
  furtherWaiting: (count: number) => plural(count, { one: "and # more", other: "and # more" }),
  writes: {
    task_create: "New task",
    task_update: "Change of a task",
    task_status_update: "Status of a task",
    task_move: "Move of a task",
    task_assign: "People of a task",
    task_delete: "Deletion of a task",
    new_comment: "New comment",
    comment_update: "Change of a comment",
    comment_delete: "Deletion of a comment",
    reaction_add: "Reaction",
    reaction_remove: "Reaction taken back",
    checklist_add: "New checklist item",
    checklist_update: "Change of the checklist",
    checklist_delete: "Deletion from the checklist",
    blocker_add: "New dependency",
    blocker_remove: "Dependency taken away",
    watcher_add: "Watching a task",
    watcher_remove: "No longer watching a task",
    inbox_read: "Inbox marked",
    inbox_snooze: "Notification snoozed",
    inbox_archive: "Notification archived",
  } satisfies Record<Write["event"], string>,
  here: "Here now",
  typing: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is typing…` : `${names.join(", ")} are typing…`,
};
