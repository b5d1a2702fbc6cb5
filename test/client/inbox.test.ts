/** The inbox as a live store, in two windows of one person, one of them on a link that is cut. */
import { beforeAll, expect, test } from "bun:test";
import { type Inbox, type Taskwire, when } from "../../src/client/index.ts";
import type { Notification } from "../../src/protocol/notifications.ts";
import { makeAdministrator } from "../support/keys.ts";
import {
  addMember,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";
import { clientStage } from "./stage.ts";

const stage = clientStage();
let admin: Person;
let people = 0;

beforeAll(async () => {
  admin = await makeAdministrator(stage.app);
});

const tell = async (person: Person, message: string): Promise<void> => {
  const body = { user_id: person.id, type: "note", message };
  const reply = await admin.call("POST", "/api/notifications/send", body);
  if (reply.status >= 300) throw new Error(reply.text);
};

async function windows(): Promise<{ ben: Person; here: Taskwire; far: Taskwire }> {
  const ben = await makePerson(stage.app, `Ben ${++people}`);
  const [here, far] = [stage.connect({ token: () => ben.token }), stage.overLink(ben)];
  for (const { inbox, connection } of [here, far]) {
    inbox.list.items.subscribe(() => {});
    await when(connection.state, (state) => state === "live");
    await when(inbox.unread, (count) => count === 0);
  }
  return { ben, here, far };
}

const messages = ({ list }: Inbox): string[] => list.items.value?.map(({ message }) => message) ?? [];
const entry = ({ list }: Inbox, message: string): Notification => {
  const found = list.items.value?.find((one) => one.message === message);
  if (!found) throw new Error(`there is no entry ${message}`);
  return found;
};
const onServer = async (person: Person) =>
  ok(await person.call<Page<Notification> & { unread_count: number }>("GET", "/api/notifications?limit=200"), 200);

async function expectSame(person: Person, ...all: Taskwire[]): Promise<void> {
  const { items, unread_count } = await onServer(person);
  for (const { inbox } of all) {
    await when(inbox.unread, (count) => count === unread_count);
    await when(inbox.list.items, (list) => list?.length === items.length);
    expect(inbox.list.items.value?.map(({ id, read_at }) => [id, read_at !== null])).toEqual(
      items.map(({ id, read_at }) => [id, read_at !== null]),
    );
  }
}

test("what comes is there at once, the latest first, in every window", async () => {
  const { ben, here, far } = await windows();
  for (const message of ["one", "two", "three"]) await tell(ben, message);
  for (const { inbox } of [here, far]) {
    await when(inbox.unread, (count) => count === 3);
    expect(messages(inbox)).toEqual(["three", "two", "one"]);
  }
  // Repeats within a minute are one entry, which happened again.
  const project = await makeProject(ben);
  await addMember(ben, project, admin, "member");
  const task = await makeTask(ben, project);
  await makeComment(admin, task, "Once");
  await makeComment(admin, task, "Again");
  await when(here.inbox.list.items, (list) => list?.[0]?.count === 2);
  await expectSame(ben, here, far);
  expect(here.inbox.unread.value).toBe(4);
});

test("reading, making unread, putting away and hiding show at once and reach the other window", async () => {
  const { ben, here, far } = await windows();
  for (const message of ["one", "two", "three", "four"]) await tell(ben, message);
  await when(here.inbox.unread, (count) => count === 4);
  const { inbox } = here;
  const done = [
    inbox.markRead([entry(inbox, "one").id, entry(inbox, "two").id]),
    inbox.markUnread([entry(inbox, "two").id]),
    inbox.archive(entry(inbox, "three").id),
    inbox.snooze(entry(inbox, "four").id, new Date(Date.now() + 3_600_000)),
  ];
  expect([messages(inbox), inbox.unread.value]).toEqual([["two", "one"], 1]);
  await Promise.all(done);
  await when(far.inbox.unread, (count) => count === 1);
  expect(messages(far.inbox)).toEqual(["two", "one"]);
  await expectSame(ben, here, far);
  const all = far.inbox.markAllRead();
  expect(far.inbox.unread.value).toBe(0);
  await all;
  await expectSame(ben, here, far);
});

test("[S4] what came and was read while the link was cut is there when it is mended, and what was done offline is done", async () => {
  const { ben, here, far } = await windows();
  for (const message of ["one", "two"]) await tell(ben, message);
  await when(far.inbox.unread, (count) => count === 2);
  stage.link.cut();
  await when(far.connection.state, (state) => state === "offline");
  const archived = far.inbox.archive(entry(far.inbox, "one").id);
  expect([messages(far.inbox), far.inbox.unread.value]).toEqual([["two"], 1]);
  await tell(ben, "three");
  await when(here.inbox.unread, (count) => count === 3);
  await here.inbox.markRead([entry(here.inbox, "two").id]);
  stage.link.mend();
  await archived;
  await expectSame(ben, here, far);
  expect(messages(far.inbox)).toEqual(["three", "two"]);
});

test("the inbox is read back page by page", async () => {
  const ben = await makePerson(stage.app, "Ben reads");
  for (let i = 0; i < 60; i++) await tell(ben, `Message ${i}`);
  const client = stage.connect({ token: () => ben.token });
  const { list, unread } = client.inbox;
  await when(list.items, (items) => items?.length === 50);
  expect([unread.value, list.hasMore.value]).toEqual([60, true]);
  await list.loadMore();
  expect([list.items.value?.length, list.hasMore.value]).toEqual([60, false]);
  await expectSame(ben, client);
});
