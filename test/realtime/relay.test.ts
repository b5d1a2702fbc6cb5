import { expect, test } from "bun:test";
import fc from "fast-check";
import type { CommittedEvent } from "../../src/db/context.ts";
import { projectRoom } from "../../src/protocol/rooms.ts";
import type { LogPage } from "../../src/realtime/log.ts";
import { createRelay } from "../../src/realtime/relay.ts";

const id = "01a1fc0c-793e-7116-8e1f-008e0e6f84df";
const room = projectRoom(id);
const eventAt = (seq: number): CommittedEvent => ({
  room,
  roomId: id,
  seq,
  event: "task_updated",
  at: "2026-11-21T00:00:00.000Z",
  actor: null,
  mutationId: null,
  data: `{"n":${seq}}`,
});

/** As another node tells of them. */
const carried = (events: readonly CommittedEvent[], epoch = "e1"): CommittedEvent[] =>
  events.map((event) => ({ ...event, epoch }));

/** A relay over a log in memory whose reads answer when the test lets them. */
function setUp(options: { epoch?: string; gatherMs?: number; before?: (event: CommittedEvent) => void } = {}) {
  const log: CommittedEvent[] = [];
  const published: number[] = [];
  const delivered: CommittedEvent[] = [];
  const restarted: string[] = [];
  const errors: unknown[] = [];
  const state = { epoch: options.epoch ?? "e1", reads: 0 };
  const read = async (_: string, after: number, limit: number): Promise<LogPage> => {
    state.reads++;
    const head = log.length;
    const events = log.slice(after, after + limit);
    await Promise.resolve();
    return { epoch: state.epoch, head, trimmedSeq: 0, events };
  };
  const relay = createRelay({
    read,
    moved: async (known) =>
      known
        .map((head) => ({ ...head, seq: log.length, epoch: state.epoch }))
        .filter((head, i) => head.seq !== known[i]?.seq || head.epoch !== known[i]?.epoch),
    before: options.before ?? (() => {}),
    publish(event) {
      published.push(event.seq);
      delivered.push(event);
    },
    restarted: (which) => restarted.push(which),
    failed: (error) => errors.push(error),
    gapMs: 1,
    gatherMs: options.gatherMs ?? 0,
  });
  const commit = (count: number): CommittedEvent[] => {
    const made = Array.from({ length: count }, (_, i) => eventAt(log.length + i + 1));
    log.push(...made);
    return made;
  };
  return { relay, commit, published, delivered, restarted, errors, state, log };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test("[S6] whatever order, loss or repetition the news of commits come in, a room's events go out once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.integer({ min: 1, max: 5 }),
          fc.integer(),
          fc.constantFrom("told", "twice", "lost", "carried", "foreign"),
        ),
        {
          minLength: 1,
          maxLength: 40,
        },
      ),
      async (steps) => {
        const { relay, commit, published, delivered, log, errors } = setUp();
        relay.follow(room);
        relay.start(room, 0, "e1");
        const news = steps.flatMap(([count, order, fate]) => commit(count).map((event) => ({ event, order, fate })));
        news.sort((a, b) => a.order - b.order);
        for (const { event, fate } of news) {
          if (fate === "lost") relay.wake(id, event.seq);
          else if (fate === "carried") relay.told(carried([event, event]));
          else if (fate === "foreign") relay.told(carried([{ ...event, data: '"never"' }], "e0"));
          else relay.committed(fate === "twice" ? [event, event] : [event]);
        }
        await relay.reach(room, log.length);
        expect(published).toEqual(upTo(log.length));
        expect(delivered.filter(({ data }) => data === '"never"')).toEqual([]);
        expect(errors).toEqual([]);
        relay.stop();
      },
    ),
    { numRuns: 200 },
  );
});

test("[S6] what another node carries is delivered without a look at the log, mixed up, doubled or late", async () => {
  const { relay, commit, published, state } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  const [first, second, third] = carried(commit(3));
  if (!first || !second || !third) throw new Error("three were made");
  relay.told([second]);
  expect(published).toEqual([]);
  relay.told([third, first]);
  relay.told([first, second, third]);
  expect(published).toEqual([1, 2, 3]);
  relay.committed(commit(1));
  await relay.reach(room, 4);
  expect([published, state.reads]).toEqual([[1, 2, 3, 4], 0]);
  relay.stop();
});

test("[S6] what is missing between carried events is read from the log", async () => {
  const { relay, commit, published, state } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.told(carried(commit(5)).filter(({ seq }) => seq !== 2));
  expect(published).toEqual([1]);
  await relay.reach(room, 5);
  expect([published, state.reads > 0]).toEqual([upTo(5), true]);
  relay.stop();
});

test("[S6] events of another log are never delivered: the log is read instead", async () => {
  const { relay, commit, delivered, restarted, state } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  const rolledBack = carried([eventAt(1), eventAt(2)], "e0").map((event) => ({ ...event, data: '"never"' }));
  relay.told(rolledBack);
  const made = commit(2);
  await relay.reach(room, 2);
  expect([delivered, restarted]).toEqual([made, []]);
  // Of a log that was restored since: who listens starts over, though the number is an old one.
  state.epoch = "e2";
  relay.told(carried([eventAt(1)], "e2"));
  await new Promise<void>((resolve) => {
    const look = (): void => void (restarted.length > 0 ? resolve() : setImmediate(look));
    look();
  });
  expect([delivered, restarted]).toEqual([made, [room]]);
  relay.stop();
});

test("[S5] carried events of another log that came before the join do not follow it", () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  relay.told(carried([eventAt(1), eventAt(2)], "e0"));
  relay.start(room, 0, "e1");
  expect(published).toEqual([]);
  relay.told(carried(commit(2)));
  expect(published).toEqual([1, 2]);
  relay.stop();
});

test("more than can wait for a missing number is read from the log", async () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.told(carried(commit(6_000).slice(1)));
  await relay.reach(room, 6_000);
  expect(published).toEqual(upTo(6_000));
  relay.stop();
});

test("a commit of which nothing was heard is published by the next poll", async () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  commit(3);
  await relay.poll();
  await relay.reach(room, 3);
  expect(published).toEqual([1, 2, 3]);
  relay.stop();
});

test("an event committed while a join reads the log waits for the position that was read", () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  const [first, second, third] = commit(3);
  if (!first || !second || !third) throw new Error("three were made");
  relay.committed([third]);
  expect(published).toEqual([]);
  relay.start(room, 2, "e1");
  expect(published).toEqual([3]);
  expect(relay.recent(room, 2)?.map((event) => event.seq)).toEqual([3]);
  expect(relay.recent(room, 3)).toEqual([]);
  expect(relay.recent(room, 0)).toBeUndefined();
  relay.stop();
});

test("a room that nobody follows any more costs nothing and publishes nothing", () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.release(room);
  relay.committed(commit(2));
  expect(published).toEqual([]);
  expect(relay.followed()).toBe(0);
});

test("[S5] a log of another epoch makes its listeners start over", async () => {
  const { relay, commit, restarted, state } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  commit(2);
  await relay.poll();
  await relay.reach(room, 2);
  expect(restarted).toEqual([]);
  state.epoch = "e2";
  await relay.poll();
  expect(restarted).toEqual([room]);
  relay.stop();
});

test("a gap longer than a page is read page by page", async () => {
  const { relay, commit, published } = setUp();
  relay.follow(room);
  relay.start(room, 0, "e1");
  commit(1_700);
  relay.wake(id, 1_700);
  await relay.reach(room, 1_700);
  expect(published).toEqual(upTo(1_700));
  relay.stop();
});

test("a busy room's events go out together, in order, and a quiet room's at once", async () => {
  const { relay, commit, published } = setUp({ gatherMs: 5 });
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.committed(commit(2));
  expect(published).toEqual([1, 2]);
  relay.committed(commit(2));
  relay.committed(commit(1));
  expect(published).toEqual([1, 2]);
  await new Promise<void>((resolve) => {
    const look = (): void => void (published.length < 5 ? setImmediate(look) : resolve());
    look();
  });
  expect(published).toEqual(upTo(5));
  relay.stop();
});

test("[S5] who is about to listen finds everything delivered already published", () => {
  const { relay, commit, published } = setUp({ gatherMs: 60_000 });
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.committed(commit(1));
  relay.committed(commit(3));
  expect(published).toEqual([1]);
  expect(relay.recent(room, 2)?.map((event) => event.seq)).toEqual([3, 4]);
  expect(published).toEqual([1, 2, 3, 4]);
  relay.stop();
});

test("[S6] who joins right after an eviction emptied the room does not hear the evicting event a second time", async () => {
  const { relay, commit, published } = setUp({
    gatherMs: 2,
    before: ({ seq }) => {
      if (seq === 2) relay.release(room);
    },
  });
  relay.follow(room);
  relay.start(room, 0, "e1");
  relay.committed(commit(1));
  relay.committed(commit(1));
  relay.follow(room);
  relay.start(room, 2, "e1"); // the log was read up to the eviction, so it is in the page of the join
  expect(relay.recent(room, 2)).toEqual([]);
  relay.committed(commit(1));
  relay.committed(commit(1));
  await new Promise<void>((resolve) => {
    const look = (): void => void (published.includes(4) ? resolve() : setImmediate(look));
    look();
  });
  expect(published).toEqual([1, 3, 4]);
  relay.stop();
});
