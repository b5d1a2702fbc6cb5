import { expect, test } from "bun:test";
import { TaskwireError } from "../../src/client/errors.ts";
import type { Write, WriteAnswer } from "../../src/client/optimistic.ts";
import { createOutbox } from "../../src/client/outbox.ts";
import type { OutboxStorage } from "../../src/client/outbox-storage.ts";
import { createMovableClock } from "../support/clock.ts";
import { makeTask } from "./tasks.ts";

/** An outbox whose wire is the test: it sees what was sent and answers when it likes. */
function createWire(storage?: OutboxStorage) {
  const clock = createMovableClock();
  const sent: { key: string; answer: () => void; refuse: (error: TaskwireError) => void }[] = [];
  const outbox = createOutbox({
    clock,
    storage,
    random: () => 0,
    send: ({ mutationId }) =>
      new Promise<WriteAnswer>((resolve, reject) => {
        const answer = () => resolve({ task: makeTask({ id: mutationId }), seq: 1 });
        sent.push({ key: mutationId, answer, refuse: reject });
      }),
  });
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { clock, outbox, sent, keys: () => sent.map(({ key }) => key), settle };
}

const write = (mutationId: string, taskId: string): Write => ({
  event: "task_status_update",
  mutationId,
  madeAtMs: 0,
  userId: "ana",
  data: { task_id: taskId, status: "review", mutation_id: mutationId },
});

test("nothing is sent before there is a connection, and then everything in the order it was made", async () => {
  const { outbox, keys } = createWire();
  for (const key of ["1", "2", "3"]) void outbox.add(write(key, `task ${key}`));
  expect(keys()).toEqual([]);
  outbox.open();
  expect(keys()).toEqual(["1", "2", "3"]);
});

test("two writes to one task do not overtake each other, and nothing passes the one that waits", async () => {
  const { outbox, sent, keys, settle } = createWire();
  outbox.open();
  const first = outbox.add(write("1", "a"));
  void outbox.add(write("2", "a"));
  void outbox.add(write("3", "b"));
  expect(keys()).toEqual(["1"]);
  sent[0]?.answer();
  expect((await first).seq).toBe(1);
  await settle();
  expect(keys()).toEqual(["1", "2", "3"]);
});

test("a task that gets a parent waits for what is on its way to the parent", async () => {
  const { outbox, sent, keys, settle } = createWire();
  outbox.open();
  const make = outbox.add(write("1", "parent"));
  const data = { task_id: "child", changes: { parent_id: "parent" }, mutation_id: "2" };
  void outbox.add({ event: "task_update", mutationId: "2", madeAtMs: 0, userId: "ana", data });
  expect(keys()).toEqual(["1"]);
  sent[0]?.answer();
  await make;
  await settle();
  expect(keys()).toEqual(["1", "2"]);
});

test("[S8] a replay of a hundred goes out at fifteen a second after the first ten", async () => {
  const { outbox, clock, sent } = createWire();
  for (let i = 0; i < 100; i++) void outbox.add(write(String(i), String(i)));
  outbox.open();
  const answerAll = async () => {
    for (const { answer } of sent) answer();
    for (let i = 0; i < 200; i++) await Promise.resolve();
  };
  await answerAll();
  expect(sent.length).toBe(10);
  for (let ms = 0; ms < 2000; ms += 10) {
    clock.advance(10);
    await answerAll();
  }
  expect(sent.length).toBeGreaterThanOrEqual(38);
  expect(sent.length).toBeLessThanOrEqual(40);
});

test("[H4] what was not answered is sent again with the same mutation id, and settles once", async () => {
  const { outbox, sent, keys, settle } = createWire();
  outbox.open();
  const answered = outbox.add(write("1", "a"));
  const unanswered = outbox.add(write("2", "b"));
  sent[0]?.answer();
  await answered;
  outbox.close();
  sent[1]?.refuse(new TaskwireError("network", "lost"));
  await settle();
  expect(outbox.waiting.value.map(({ mutationId }) => mutationId)).toEqual(["2"]);
  outbox.open();
  expect(keys()).toEqual(["1", "2", "2"]);
  sent[2]?.answer();
  await unanswered;
  expect(outbox.waiting.value).toEqual([]);
});

test("a refusal ends the write and lets the next one go", async () => {
  const { outbox, sent, keys, settle } = createWire();
  outbox.open();
  const refused = outbox.add(write("1", "a")).catch((error: unknown) => error);
  void outbox.add(write("2", "a"));
  sent[0]?.refuse(new TaskwireError("conflict", "changed"));
  expect(await refused).toMatchObject({ code: "conflict" });
  await settle();
  expect(keys()).toEqual(["1", "2"]);
});

test("a passing refusal is waited out for as long as the server says, and nothing overtakes it", async () => {
  const { outbox, sent, keys, clock, settle } = createWire();
  outbox.open();
  void outbox.add(write("1", "a"));
  sent[0]?.refuse(new TaskwireError("rate_limited", "slower", { retryAfterMs: 3000 }));
  await settle();
  void outbox.add(write("2", "b"));
  clock.advance(2999);
  expect(keys()).toEqual(["1"]);
  clock.advance(501);
  expect(keys()).toEqual(["1", "1", "2"]);
});

test("an internal error that comes again and again is handed to the caller in the end", async () => {
  const { outbox, sent, clock, settle } = createWire();
  outbox.open();
  const failed = outbox.add(write("1", "a")).catch((error: unknown) => error);
  for (let i = 0; i < 6; i++) {
    sent.at(-1)?.refuse(new TaskwireError("internal", "broken"));
    await settle();
    clock.advance(60_000);
  }
  expect(await failed).toMatchObject({ code: "internal" });
  expect(sent.length).toBe(6);
});

test("[S8] a write that no frame can carry is refused at once, and does not stand in the way of the next", async () => {
  const { outbox, keys } = createWire();
  outbox.open();
  const large: Write = {
    event: "task_update",
    mutationId: "large",
    madeAtMs: 0,
    userId: "ana",
    data: { task_id: "a", changes: { description: "例".repeat(22_000) }, mutation_id: "large" },
  };
  const refused = await outbox.add(large).catch((error: TaskwireError) => error);
  expect(refused).toMatchObject({ code: "too_large" });
  void outbox.add(write("2", "a"));
  expect(keys()).toEqual(["2"]);
});

test("a thousand writes wait at most: the next one is refused, and says why", async () => {
  const { outbox, sent, settle } = createWire();
  const all = Array.from({ length: 1000 }, (_, i) => outbox.add(write(String(i), String(i))));
  const refused = await outbox.add(write("one more", "a")).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "outbox_full", retry: false });
  expect(outbox.waiting.value).toHaveLength(1000);
  outbox.open();
  sent[0]?.answer();
  await all[0];
  await settle();
  void outbox.add(write("one more", "a"));
  expect(outbox.waiting.value).toHaveLength(1000);
});

test("what an earlier page left goes out before what is new, and nothing goes before it is known", async () => {
  const left = Promise.withResolvers<readonly Write[]>();
  const put: string[] = [];
  const { outbox, keys, settle } = createWire({
    take: () => left.promise,
    put: (_, { mutationId }) => void put.push(mutationId),
    remove() {},
    close() {},
  });
  const loaded = outbox.use("ana");
  outbox.open();
  void outbox.add(write("new", "a"));
  expect(keys()).toEqual([]);
  left.resolve([write("old", "a")]);
  await loaded;
  await settle();
  expect(keys()).toEqual(["old"]);
  expect(outbox.waiting.value.map(({ mutationId }) => mutationId)).toEqual(["old", "new"]);
  expect(put).toEqual(["new"]);
});

test("a storage that does not answer keeps nothing from being sent for longer than three seconds", async () => {
  const never = { take: () => new Promise<never>(() => {}), put() {}, remove() {}, close() {} };
  const { outbox, keys, clock } = createWire(never);
  void outbox.use("ana");
  outbox.open();
  void outbox.add(write("new", "a"));
  clock.advance(2999);
  expect(keys()).toEqual([]);
  clock.advance(1);
  expect(keys()).toEqual(["new"]);
});
