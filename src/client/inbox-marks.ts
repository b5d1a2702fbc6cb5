/** What becomes of an entry of the inbox: by one's own write that is on its way, and by the event that tells it. */
import type { EventData } from "../protocol/catalogue.ts";
import type { Notification } from "../protocol/notifications.ts";
import type { Write } from "./optimistic.ts";

export type ReadEvent = EventData<"notifications_read">;

/** Is it in the inbox: not put away, not hidden until later? */
export const inSight = ({ archived_at, snoozed_until }: Notification, nowMs: number): boolean =>
  archived_at === null && (snoozed_until === null || Date.parse(snoozed_until) <= nowMs);

/** The entry as the event says it is now; it concerns this entry. */
export function withEvent(entry: Notification, event: ReadEvent, at: string): Notification {
  const { read, archived, snoozed_until } = event;
  // `all` are those in sight.
  if (event.all && !inSight(entry, Date.parse(at))) return entry;
  return {
    ...entry,
    read_at: read ? (entry.read_at ?? at) : null,
    archived_at: archived ? at : entry.archived_at,
    snoozed_until: snoozed_until ?? (archived ? null : entry.snoozed_until),
  };
}

/** The entry with a write on top; the same one where it does not concern it. */
export function marked(entry: Notification, write: Write): Notification {
  const at = new Date(write.madeAtMs).toISOString();
  switch (write.event) {
    case "inbox_read": {
      const { all, notification_ids, read } = write.data;
      if (!all && !notification_ids?.includes(entry.id)) return entry;
      return { ...entry, read_at: read ? (entry.read_at ?? at) : null };
    }
    case "inbox_archive":
      return write.data.notification_id === entry.id
        ? { ...entry, archived_at: at, read_at: entry.read_at ?? at }
        : entry;
    case "inbox_snooze":
      return write.data.notification_id === entry.id
        ? { ...entry, snoozed_until: write.data.until, read_at: null }
        : entry;
    default:
      return entry;
  }
}
