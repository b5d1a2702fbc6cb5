/** The inbox and the bell. */
import type { NotificationCategory } from "../../../protocol/notifications.ts";
import { plural } from "../format.ts";

export const inbox = {
  title: "Inbox",
  bell: (unread: number) => (unread === 0 ? "Inbox" : `Inbox, ${unread} unread`),
  unread: (count: number) => plural(count, { one: "# unread", other: "# unread" }),
  openAll: "Open the inbox",
  markAll: "Mark all read",
  markRead: "Mark read",
  markUnread: "Mark unread",
  archive: "Archive",
  archived: "Archived.",
  snooze: "Snooze",
  snoozed: (until: string) => `Hidden until ${until}.`,
  snoozeFor: {
    hour: "One hour",
    evening: "This evening",
    tomorrow: "Tomorrow morning",
    week: "Next Monday",
  },
  more: "Show more",
  views: { inbox: "Inbox", unread: "Unread", snoozed: "Snoozed", archived: "Archived" },
  view: "What is shown",
  category: "Kind",
  allCategories: "All kinds",
  categories: {
    assigned: "Assigned",
    mentioned: "Mentioned",
    comments: "Comments",
    status: "Status",
    projects: "Projects",
    reminders: "Reminders",
    messages: "Messages",
  } satisfies Record<NotificationCategory, string>,
  actionsOf: (message: string) => `More for: ${message}`,
  times: (count: number) => `${count} times`,
  isUnread: "Unread",
  back: (when: string) => `Comes back ${when}`,
  empty: {
    inbox: { title: "You are all caught up", hint: "What concerns you appears here the moment it happens." },
    unread: { title: "Nothing unread", hint: "Everything has been read." },
    snoozed: { title: "Nothing snoozed", hint: "Hide an entry for a while, and it comes back unread." },
    archived: { title: "Nothing archived", hint: "What you archive is kept here." },
  },
  failed: "The inbox cannot be loaded now.",
};
