/** Links that end mails of one kind without signing in: a signature says that this server wrote them. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Store, type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { NotificationCategory, type NotificationPreferences } from "../../protocol/notifications.ts";
import { systemCtx } from "../../realtime/log.ts";

/** A category, or all of them: a digest is of everything. */
export type Topic = NotificationCategory | "everything";
const topics: readonly Topic[] = [...NotificationCategory.options, "everything"];

export interface Unsubscription {
  readonly userId: string;
  readonly topic: Topic;
}

export interface Links {
  unsubscribeUrl(unsubscription: Unsubscription): string;
  /** What a link says; undefined where this server did not write it. */
  read(url: URL): Unsubscription | undefined;
}

export const unsubscribePath = "/unsubscribe";

/** `origin`: where people reach the server. The signature has no end: an old mail's link works as well. */
export function createLinks(key: Uint8Array, origin: () => string): Links {
  const sign = ({ userId, topic }: Unsubscription): Buffer =>
    createHmac("sha256", key).update(`unsubscribe ${userId} ${topic}`).digest();
  return {
    unsubscribeUrl(unsubscription) {
      const url = new URL(unsubscribePath, origin());
      url.searchParams.set("person", unsubscription.userId);
      url.searchParams.set("topic", unsubscription.topic);
      url.searchParams.set("signature", sign(unsubscription).toString("base64url"));
      return url.href;
    },
    read({ searchParams }) {
      const userId = searchParams.get("person") ?? "";
      const topic = topics.find((each) => each === searchParams.get("topic"));
      if (!topic) return undefined;
      const wanted = sign({ userId, topic });
      const given = Buffer.from(searchParams.get("signature") ?? "", "base64url");
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? { userId, topic } : undefined;
    },
  };
}

type Chosen = Partial<NotificationPreferences>;

/** No more mail of this topic, in no project. Doing it again changes nothing. */
export async function unsubscribe(store: Store, { userId, topic }: Unsubscription, requestId: string): Promise<void> {
  const categories = topic === "everything" ? NotificationCategory.options : [topic];
  await transact<void>(systemCtx({ store }, requestId), {
    rooms: [userId],
    replay: () => {},
    async work(tx) {
      const rows = await queryIn<{ project_id: string | null; settings: string }>(
        tx.orm,
        "select project_id, settings from notification_preferences where user_id = $1::uuid",
        [userId],
      );
      const own = rows.find(({ project_id }) => project_id === null);
      await write(tx, userId, null, without(JSON.parse(own?.settings ?? "{}"), categories));
      for (const { project_id, settings } of rows) {
        if (project_id === null) continue;
        const chosen: Chosen = JSON.parse(settings);
        const there = categories.filter((category) => chosen.channels?.[category]?.mail === true);
        if (there.length > 0) await write(tx, userId, project_id, without(chosen, there));
      }
    },
  });
}

function without(chosen: Chosen, categories: readonly NotificationCategory[]): Chosen {
  const channels = { ...chosen.channels };
  for (const category of categories) channels[category] = { ...channels[category], mail: false };
  return { ...chosen, channels };
}

/** Of a person who is gone by now there is nothing to be chosen. */
async function write(tx: Tx, userId: string, projectId: string | null, chosen: Chosen): Promise<void> {
  await queryIn(
    tx.orm,
    `insert into notification_preferences (user_id, project_id, settings)
    select id, $2::uuid, $3 from users where id = $1::uuid
    on conflict (user_id, project_id) do update set settings = excluded.settings`,
    [userId, projectId, JSON.stringify(chosen)],
  );
}
