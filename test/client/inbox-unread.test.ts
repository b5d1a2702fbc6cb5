/** The number of unread entries, where what the server counts and what its events tell cross each other. */
import { expect, test } from "bun:test";
import { createInbox } from "../../src/client/inbox.ts";
import { when } from "../../src/client/observable.ts";
import type { Notification } from "../../src/protocol/notifications.ts";
import { createMovableClock } from "../support/clock.ts";
import { makeRest } from "./tasks.ts";

const entry = (id: string, more: Partial<Notification> = {}): Notification => ({
  id,
  type: "note",
  category: "messages",
  message: id,
  data: {},
  link: null,
  count: 1,
  read_at: null,
  archived_at: null,
  snoozed_until: null,
  created_at: "2026-11-21T09:00:00.000Z",
  updated_at: `2026-11-21T09:00:0${id}.000Z`,
  ...more,
});

/** An inbox of three unread entries; `answer` answers what was asked last. */
async function open() {
  const clock = createMovableClock();
  const questions: PromiseWithResolvers<unknown>[] = [];
  const rest = makeRest({
    "/api/notifications"() {
      const question = Promise.withResolvers<unknown>();
      questions.push(question);
      return question.promise;
    },
  });
  const input = createInbox({ rest, send: async () => {}, clock, random: () => 0 });
  const { list, unread } = input.inbox;
  const answer = (...items: readonly Notification[]): void => {
    const unread_count = items.filter(({ read_at }) => read_at === null).length;
    questions.at(-1)?.resolve({ items, next_cursor: null, unread_count });
  };
  let seq = 0;
  const hear = (event: string, data: object): void =>
    input.apply({ event, room: "user:ana", seq: ++seq, at: new Date(clock.now()).toISOString(), data });
  list.items.subscribe(() => {});
  answer(entry("3"), entry("2"), entry("1"));
  await when(unread, (count) => count === 3);
  const { close, reload } = input;
  return { close, reload, clock, questions, unread, list, answer, hear };
}

/** Hidden for two seconds, which then are over. */
function snooze({ clock, hear }: Awaited<ReturnType<typeof open>>, ...ids: readonly string[]): void {
  const snoozed_until = new Date(clock.now() + 2000).toISOString();
  hear("notifications_read", {
    notification_ids: ids,
    read: false,
    archived: false,
    snoozed_until,
    unread_count: 3 - ids.length,
  });
}
const back = (id: string): Notification => entry(id, { updated_at: `2026-11-21T10:00:0${id}.000Z` });

test("an entry whose snooze has ended is unread again, in the number too", async () => {
  const inbox = await open();
  const { clock, questions, unread, list, answer, hear } = inbox;
  snooze(inbox, "2");
  expect([unread.value, list.items.value?.length]).toEqual([2, 2]);
  clock.advance(2100);
  hear("notification", { notification: back("2") });
  expect(list.items.value?.map(({ id }) => id)).toEqual(["2", "3", "1"]);
  expect(questions.length).toBe(2);
  answer(back("2"), entry("3"), entry("1"));
  await when(unread, (count) => count === 3);
});

test("what comes while the server is asked how many there are is in the number, and is asked for once", async () => {
  const inbox = await open();
  const { clock, questions, unread, answer, hear } = inbox;
  snooze(inbox, "1", "2");
  clock.advance(2100);
  hear("notification", { notification: back("1") });
  hear("notification", { notification: back("2") });
  hear("notification", { notification: back("4") });
  expect(questions.length).toBe(2);
  // The answer is older than the last events.
  answer(back("1"), entry("3"));
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect(questions.length).toBe(3);
  answer(back("4"), back("2"), back("1"), entry("3"));
  await when(unread, (count) => count === 4);
});

test("what is read in another window while the server is asked is not in the number", async () => {
  const inbox = await open();
  const { clock, questions, unread, answer, hear } = inbox;
  snooze(inbox, "2");
  clock.advance(2100);
  hear("notification", { notification: back("2") });
  hear("notifications_read", { notification_ids: ["3"], read: true, archived: false, unread_count: 2 });
  // The answer is older than the last event.
  answer(back("2"), entry("3"), entry("1"));
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect([questions.length, unread.value]).toEqual([3, 2]);
});

test("an answer that comes when another has been asked for since, or after the end, changes nothing", async () => {
  const { close, reload, questions, unread, answer, hear } = await open();
  reload();
  reload();
  answer(entry("3"));
  await when(unread, (count) => count === 1);
  questions[1]?.resolve({ items: [], next_cursor: null, unread_count: 7 });
  for (let i = 0; i < 50; i++) await Promise.resolve();
  hear("notification", { notification: back("4") });
  expect(unread.value).toBe(2);
  reload();
  hear("notification", { notification: back("5") });
  close();
  answer();
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect(questions.length).toBe(4);
});
