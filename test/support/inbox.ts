/** People's inboxes, as tests look at them. */
import { meaningful } from "../../src/features/notifications/meaning.ts";
import type { Notification } from "../../src/protocol/notifications.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { TestApp } from "./app.ts";
import { getUserEvents, ok, type Page, type Person } from "./people.ts";

export interface Inbox extends Page<Notification> {
  readonly unread_count: number;
}

export const inboxOf = async (person: Person, query = ""): Promise<Inbox> =>
  ok(await person.call<Inbox>("GET", `/api/notifications${query}`), 200);

/** Settles once everybody was told of all that happened in the project so far. What tells nobody is read later. */
export async function everybodyTold(app: TestApp, project: Project): Promise<void> {
  const behind = () => app.database.sql`
    select from events e left join positions p on p.room_id = e.room_id and p.processor = 'notifications'
    where e.room_id = ${project.id} and e.event in ${app.database.sql([...meaningful])} and e.seq > coalesce(p.seq, 0)
    limit 1`;
  while ((await behind()).length > 0) await Bun.sleep(lookMs);
}

/** Between two looks at the database: without a pause they keep it from what they wait for. */
const lookMs = 5;

/** What each was told of the project since the last time, `type message` each with its count where it is not 1. */
export async function toldEach(
  app: TestApp,
  project: Project,
  people: readonly Person[],
): Promise<Record<string, string[]>> {
  await everybodyTold(app, project);
  const told: Record<string, string[]> = {};
  for (const person of people) {
    const { items } = await inboxOf(person, "?unread=true");
    if (items.length === 0) continue;
    told[person.name] = items
      .map(({ type, message, count }) => `${type} ${message}${count === 1 ? "" : ` ×${count}`}`)
      .sort();
    ok(await person.call("POST", "/api/notifications/read", { all: true }), 200);
  }
  return told;
}

/** Ids of the unread entries after each event of a person's room, and the number that the event itself names. */
export async function foldUnread(app: TestApp, person: Person): Promise<{ unread: string[]; wrong: object[] }> {
  const unread = new Set<string>();
  const wrong: object[] = [];
  for (const { event, data } of await getUserEvents(app, person)) {
    const { notification, notification_ids, all, read, unread_count } = data as {
      notification?: Notification;
      notification_ids?: string[];
      all?: true;
      read?: boolean;
      unread_count?: number;
    };
    if (event === "notification" && notification) unread.add(notification.id);
    if (event !== "notifications_read") continue;
    for (const id of all ? [...unread] : (notification_ids ?? [])) {
      if (read) unread.delete(id);
      else unread.add(id);
    }
    if (unread.size !== unread_count) wrong.push({ data, unread: unread.size });
  }
  return { unread: [...unread], wrong };
}
