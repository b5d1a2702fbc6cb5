/** One room against a log that answers pages like the server (S5), in whatever order things happen to arrive. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { TaskwireError } from "../../src/client/errors.ts";
import { createRoom, type Room } from "../../src/client/rooms.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { RoomPage } from "../../src/protocol/frames.ts";
import type { Since } from "../../src/protocol/ids.ts";
import { createMovableClock } from "../support/clock.ts";

const room = "project:p";
const eventAt = (seq: number): LoggedEvent => ({ event: "x_test", room, seq, at: "", data: {} });

/** A log of `head` events of which those up to `trimmed` are gone. */
function createLog(head: number, delays: readonly number[] = [0]) {
  const log = { epoch: "e1", head, trimmed: 0, pageSize: 3, snapshots: 0, pages: 0 };
  const applied: number[] = [];
  /** Where the last snapshot stood: everything applied after it must follow without a hole. */
  let base = 0;
  const settled: string[] = [];
  const clock = createMovableClock();
  let failWith: TaskwireError | undefined;
  /** An answer tells what was when it was asked for, and takes a while. */
  let asked = 0;
  const travel = async <T>(answer: T): Promise<T> => {
    for (let left = delays[asked++ % delays.length] ?? 0; left > 0; left--) await Promise.resolve();
    return answer;
  };
  const followed: Room = createRoom({
    clock,
    random: () => 0,
    hooks: {
      behind: () => void settled.push("behind"),
      advanced() {},
      settled: () => void settled.push("settled"),
      joined: () => void settled.push("joined"),
      gone: (error) => void settled.push(`gone ${error.code}`),
    },
    source: {
      async page({ epoch, seq }: Since): Promise<RoomPage> {
        log.pages++;
        if (failWith) throw failWith;
        const recovered = epoch === log.epoch && seq <= log.head && seq >= log.trimmed;
        const end = recovered ? Math.min(seq + log.pageSize, log.head) : log.head;
        const events = recovered ? range(seq + 1, end).map(eventAt) : [];
        return travel({ room, epoch: log.epoch, seq: end, recovered, events, more: end < log.head });
      },
      async snapshot() {
        log.snapshots++;
        const position = await travel({ epoch: log.epoch, seq: log.head });
        const use = () => {
          base = position.seq;
          applied.length = 0;
        };
        return { position, use };
      },
      apply: (events) => void applied.push(...events.map(({ seq }) => seq)),
    },
  });
  return {
    log,
    applied,
    settled,
    clock,
    followed,
    fail(error: TaskwireError | undefined) {
      failWith = error;
    },
    /** What must have been applied by now. */
    expected: () => range(base + 1, log.head),
    /** Adds an event to the log and says it to the room, unless it gets lost. */
    append(arrives: boolean) {
      log.head++;
      if (arrives) followed.receive(eventAt(log.head));
    },
    /** Lets everything that waits for a page settle. */
    quiet: async () => {
      for (let i = 0; i < 400; i++) await Promise.resolve();
    },
  };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

test("a first join takes a snapshot and joins behind it", async () => {
  const { followed, log, settled, quiet } = createLog(7);
  followed.resume();
  await quiet();
  expect(followed.position).toEqual({ epoch: "e1", seq: 7 });
  expect(log).toMatchObject({ snapshots: 1, pages: 1 });
  expect(settled).toEqual(["behind", "joined", "settled"]);
});

test("[S6] what arrives twice is applied once, and a gap is fetched", async () => {
  const { followed, applied, append, quiet } = createLog(0);
  followed.resume();
  await quiet();
  append(true);
  followed.receive(eventAt(1));
  append(false);
  append(false);
  append(true);
  expect(applied).toEqual([1]);
  await quiet();
  expect(applied).toEqual([1, 2, 3, 4]);
});

test("[S5] a long absence is caught up page by page, with live events that arrive meanwhile kept for the end", async () => {
  const { followed, applied, append, log, quiet } = createLog(0);
  followed.resume();
  await quiet();
  followed.pause();
  log.head = 10;
  followed.resume();
  append(true);
  await quiet();
  expect(applied).toEqual(range(1, 11));
  expect(log.snapshots).toBe(1);
});

test("[S5] where the log does not reach back, the state is taken whole, and joined behind its position", async () => {
  const { followed, applied, log, quiet, append } = createLog(2);
  followed.resume();
  await quiet();
  followed.pause();
  Object.assign(log, { head: 20, trimmed: 15 });
  followed.resume();
  await quiet();
  append(true);
  expect(log.snapshots).toBe(2);
  expect(applied).toEqual([21]);
  followed.pause();
  Object.assign(log, { epoch: "e2", head: 5, trimmed: 0 });
  followed.resume();
  await quiet();
  expect(followed.position).toEqual({ epoch: "e2", seq: 5 });
});

test("a refusal that may pass is tried again after the time the server asks for, another one ends the room", async () => {
  const { followed, clock, fail, quiet, settled, log } = createLog(1);
  fail(new TaskwireError("rate_limited", "slower", { retryAfterMs: 3000 }));
  followed.resume();
  await quiet();
  expect(log.pages).toBe(1);
  clock.advance(2999);
  await quiet();
  expect(log.pages).toBe(1);
  fail(new TaskwireError("not_found", "gone"));
  clock.advance(1001);
  await quiet();
  expect(settled).toEqual(["behind", "gone not_found", "settled"]);
});

test("a new connection does not wait for the retry of the old one", async () => {
  const { followed, fail, quiet, settled } = createLog(1);
  fail(new TaskwireError("unavailable", "later", { retryAfterMs: 20_000 }));
  followed.resume();
  await quiet();
  fail(undefined);
  followed.resume();
  await quiet();
  expect(settled).toEqual(["behind", "joined", "settled"]);
});

test("more live events than can be held while a page is on its way are fetched, not lost", async () => {
  const { followed, applied, append, log, quiet } = createLog(0);
  followed.resume();
  await quiet();
  followed.pause();
  log.pageSize = 5000;
  followed.resume();
  for (let i = 0; i < 2001; i++) append(true);
  await quiet();
  expect(applied).toEqual(range(1, 2001));
});

type Move = "append" | "lose" | "reconnect" | "trim" | "restore" | "double" | "settle";
const moves = fc.array(
  fc.constantFrom<Move>("append", "append", "append", "lose", "reconnect", "trim", "restore", "double", "settle"),
  { maxLength: 80 },
);

test("however frames are lost, doubled and cut off, the room ends with every event once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(moves, fc.array(fc.nat(6), { minLength: 1 }), async (played, delays) => {
      const { followed, log, applied, append, quiet, expected } = createLog(3, delays);
      const reconnect = () => {
        followed.pause();
        followed.resume();
      };
      const expectWhole = () => {
        expect(followed.position).toEqual({ epoch: log.epoch, seq: log.head });
        expect(applied).toEqual(expected());
      };
      /** Was a frame lost that nothing has shown to be missing? */
      let unseen = false;
      followed.resume();
      for (const move of played) {
        if (move === "append") append(true);
        if (move === "lose") append(false);
        if (move === "double") followed.receive(eventAt(log.head));
        if (move === "trim") log.trimmed = Math.max(log.trimmed, log.head - 2);
        if (move === "restore") Object.assign(log, { epoch: `${log.epoch}+`, trimmed: 0 });
        if (move === "reconnect" || move === "restore") reconnect();
        unseen = move === "lose" || (unseen && move !== "append" && move !== "double" && move !== "reconnect");
        if (move !== "settle") continue;
        await quiet();
        if (!unseen) expectWhole();
      }
      reconnect();
      await quiet();
      expectWhole();
    }),
    { numRuns: 400 },
  );
});
