/** The person's inbox as a live store: read from the newest back, fed by the person's own room, one's own changes on top. */
import type { EventData } from "../protocol/catalogue.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Notification } from "../protocol/notifications.ts";
import type { Clock } from "./clock.ts";
import { createFeed } from "./feed.ts";
import { inSight, marked, type ReadEvent, withEvent } from "./inbox-marks.ts";
import { onWatch } from "./load.ts";
import { loadPage, type Page } from "./loading.ts";
import { createCell, type Observable } from "./observable.ts";
import { isOfInbox, type Write } from "./optimistic.ts";
import type { Rest } from "./rest.ts";
import type { RestWriteData, RestWriteName } from "./rest-writes.ts";
import { createShownWrites } from "./shown-writes.ts";
import type { PagedList } from "./task-detail.ts";

/** Verbs show at once, wait while there is no connection, and settle when the server has answered. They throw TaskwireError. */
export interface Inbox {
  /** The latest first; without what is put away or hidden until later. Loaded when somebody watches it. */
  readonly list: PagedList<Notification>;
  /** Unread entries, those not in `list` yet too; null until known. */
  readonly unread: Observable<number | null>;
  markRead(ids: readonly string[]): Promise<void>;
  markUnread(ids: readonly string[]): Promise<void>;
  markAllRead(): Promise<void>;
  /** Puts it away, read. */
  archive(id: string): Promise<void>;
  /** Hides it until then; it comes back unread. */
  snooze(id: string, until: Date): Promise<void>;
}

/** The half that the client feeds. */
export interface InboxInput {
  readonly inbox: Inbox;
  apply(event: LoggedEvent): void;
  show(write: Write): void;
  settle(write: Write): void;
  forget(mutationId: string): void;
  /** The log did not reach back, or somebody else has signed in. */
  reload(): void;
  retry(): void;
  close(): void;
}

export interface InboxOptions {
  readonly rest: Rest;
  readonly send: <Name extends RestWriteName>(event: Name, data: RestWriteData[Name]) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
}

type InboxPage = Page<Notification> & { readonly unread_count: number };

export function createInbox({ rest, send, clock, random }: InboxOptions): InboxInput {
  const items = createCell<readonly Notification[] | null>(null);
  const unread = createCell<number | null>(null);
  /** As the server counts: one's own writes are not in it. */
  let counted: number | undefined;
  /** Events so far: a page asked for before one of them may know of it or not. */
  let heard = 0;
  /** Questions for a first page that are under way. */
  let asking = 0;
  /** Raised by each such question, and at the end: answers to earlier ones count no more. */
  let asked = 0;

  const publish = (): void => {
    const known = feed.read();
    if (!known || counted === undefined) return;
    const before = known.filter((entry) => inSight(entry, clock.now()));
    const writes = shown.list();
    const after = known.map((entry) => writes.reduce(marked, entry)).filter((entry) => inSight(entry, clock.now()));
    items.set(after);
    const all = writes.some(({ event, data }) => event === "inbox_read" && data.all === true && data.read);
    const change = unreadIn(after) - unreadIn(before);
    unread.set(Math.max(0, all ? unreadIn(after) : counted + change));
  };
  const shown = createShownWrites(clock, () => publish());
  const feed = createFeed({
    async load(cursor) {
      const ask = () => loadPage<InboxPage>(rest, "/api/notifications", cursor, { limit: "50" });
      if (cursor !== null) return ask();
      const before = heard;
      const own = ++asked;
      asking++;
      try {
        const page = await ask();
        if (own !== asked) return page;
        // The page is not used where another is asked for.
        if (heard !== before) feed.reload();
        else counted = page.unread_count;
        return page;
      } finally {
        asking--;
      }
    },
    keyOf: ({ id }: Notification) => id,
    compare: byTimeDown,
    changed: publish,
    clock,
    random,
  });

  /** The server counts. A question under way is asked again by itself, for this was heard since. */
  const recount = (): void => {
    if (asking === 0) feed.reload();
  };
  /** A new entry, or one that happened again: it is unread. */
  const arrive = (entry: Notification): void => {
    heard++;
    const before = feed.find(entry.id);
    // An entry further back than what was read may have been unread before: only the server knows how many there are.
    const isUncertain = !before && entry.count > 1 && feed.hasMore.value;
    // One that was snoozed is counted again since its time came, or is not yet: that depends on when the page was read.
    const wasSnoozed = before !== undefined && before.snoozed_until !== null;
    if (!feed.read() || isUncertain || wasSnoozed) recount();
    else if (counted !== undefined) {
      const was = before && inSight(before, clock.now()) ? unreadIn([before]) : 0;
      counted += unreadIn([entry]) - was;
    }
    feed.put(entry);
  };
  const read = (event: ReadEvent, at: string): void => {
    heard++;
    counted = event.unread_count;
    const known = feed.read();
    if (!known) recount();
    const ids = event.notification_ids ?? (known ?? []).map(({ id }) => id);
    for (const id of ids) {
      const entry = feed.find(id);
      if (entry) feed.put(withEvent(entry, event, at));
    }
    publish();
  };

  return {
    inbox: {
      list: { items: onWatch(items, feed.want), loaded: feed.loaded, hasMore: feed.hasMore, loadMore: feed.loadMore },
      unread: onWatch(unread, feed.want),
      markRead: (ids) => send("inbox_read", { notification_ids: ids, read: true }),
      markUnread: (ids) => send("inbox_read", { notification_ids: ids, read: false }),
      markAllRead: () => send("inbox_read", { all: true, read: true }),
      archive: (id) => send("inbox_archive", { notification_id: id }),
      snooze: (id, until) => send("inbox_snooze", { notification_id: id, until: until.toISOString() }),
    },
    apply({ event, at, data, seq, mutation_id }) {
      shown.reached(seq, new Set(mutation_id === undefined ? [] : [mutation_id]));
      // The data of a frame is the one its name has in the catalogue.
      if (event === "notification" || event === "due_date_reminder")
        arrive((data as EventData<typeof event>).notification);
      else if (event === "notifications_read") read(data as ReadEvent, at);
    },
    show(write) {
      if (isOfInbox(write)) shown.show(write);
    },
    settle: ({ mutationId }) => shown.settle(mutationId, undefined),
    forget: shown.forget,
    reload: feed.reload,
    retry: feed.retry,
    close() {
      asked++;
      shown.close();
      feed.close();
    },
  };
}

const unreadIn = (entries: readonly Notification[]): number => entries.filter(({ read_at }) => read_at === null).length;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTimeDown = (a: Notification, b: Notification): number =>
  compareText(b.updated_at, a.updated_at) || compareText(b.id, a.id);
