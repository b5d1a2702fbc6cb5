/** Who is in a project's room and who types there. Ephemeral: what is lost is mended by time and by the next join. */

import type { EventData } from "../protocol/catalogue.ts";
import type { UserPresence } from "../protocol/presence.ts";
import type { User } from "../protocol/users.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { createCell, type Observable } from "./observable.ts";

export interface Presence {
  /** By user id; who is offline is not in it. */
  readonly here: Observable<ReadonlyMap<string, UserPresence>>;
  /** People typing, by task id. */
  readonly typing: Observable<ReadonlyMap<string, readonly User[]>>;
  /** The whole list, as a join tells it. */
  replace(list: readonly UserPresence[]): void;
  update(entry: UserPresence): void;
  updateTyping(status: EventData<"user_typing_status">): void;
  /** The connection was lost: nobody can be said to be here. */
  clear(): void;
}

/** The server ends typing after 6 s; its word may be lost on the way. */
const typingMs = 8000;

export function createPresence(clock: Clock): Presence {
  const here = createCell<ReadonlyMap<string, UserPresence>>(new Map());
  const typing = createCell<ReadonlyMap<string, readonly User[]>>(new Map());
  /** By task and user. */
  const timers = new Map<string, CancelTimer>();

  const setTyping = ({ task_id, user, is_typing }: EventData<"user_typing_status">): void => {
    const key = `${task_id} ${user.id}`;
    timers.get(key)?.();
    timers.delete(key);
    const others = (typing.value.get(task_id) ?? []).filter((other) => other.id !== user.id);
    const next = new Map(typing.value);
    if (is_typing) {
      next.set(task_id, [...others, user]);
      const expire = () => setTyping({ task_id, user, is_typing: false });
      timers.set(key, clock.setTimeout(expire, typingMs));
    } else if (others.length > 0) next.set(task_id, others);
    else next.delete(task_id);
    typing.set(next);
  };

  const isHere = (entry: UserPresence): boolean => entry.status !== "offline";

  return {
    here,
    typing,
    replace(list) {
      here.set(new Map(list.filter(isHere).map((entry) => [entry.user_id, entry])));
    },
    update(entry) {
      const next = new Map(here.value);
      if (isHere(entry)) next.set(entry.user_id, entry);
      else next.delete(entry.user_id);
      here.set(next);
    },
    updateTyping: setTyping,
    clear() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
      here.set(new Map());
      typing.set(new Map());
    },
  };
}
