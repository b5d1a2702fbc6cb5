import { afterEach, expect, test } from "bun:test";
import type { CommittedEvent } from "../../src/db/context.ts";
import { projectRoom } from "../../src/protocol/rooms.ts";
import { createTalk, type Talk } from "../../src/realtime/broker/talk.ts";

const id = "01a1fc0c-793e-7116-8e1f-008e0e6f84df";
const eventAt = (seq: number, data = `{"n":${seq},"text":"a \\"line\\"\\nand ünïcödé 🙂"}`): CommittedEvent => ({
  room: projectRoom(id),
  roomId: id,
  seq,
  event: "task_updated",
  at: "2026-11-21T00:00:00.000Z",
  actor: '{"id":"1","name":"Ana \\"A\\" Ünal"}',
  mutationId: 'm"1',
  data,
  epoch: "e1",
});
const limits = { payloadBytes: 7_500, carriedBytes: 30_000 } as const;

const talks: Talk[] = [];
afterEach(() => Promise.all(talks.splice(0).map((talk) => talk.stop())));

/** Two that hear each other, over a carrier that keeps what was said and may be told to bend it. */
async function pair(bend: (payload: string) => string = (payload) => payload) {
  const told: CommittedEvent[] = [];
  const wakes: (readonly [string, number])[] = [];
  const payloads: string[] = [];
  const errors: unknown[] = [];
  let heard = Promise.withResolvers<void>();
  const say = async (all: readonly string[]): Promise<void> => {
    await Promise.resolve();
    for (const payload of all) {
      if (payload.includes('"e":') || payload.includes('"w":')) payloads.push(payload);
      for (const talk of talks) talk.hear(bend(payload));
    }
    heard.resolve();
  };
  const make = (): Talk => createTalk({ ...limits, say, failed: (error) => errors.push(error) });
  const [from, to] = [make(), make()];
  talks.push(from, to);
  from.start({ wake() {}, told() {}, cast() {}, unheard() {}, recovered() {} });
  to.start({
    wake: (...wake) => wakes.push(wake),
    told: (events) => told.push(...events),
    cast() {},
    unheard() {},
    recovered() {},
  });
  from.recovered();
  to.recovered();
  await heard.promise;
  const tell = async (events: readonly CommittedEvent[]): Promise<void> => {
    heard = Promise.withResolvers();
    from.tell(events);
    await heard.promise;
  };
  return { told, wakes, payloads, errors, tell };
}

test("events arrive as they were committed, whatever is in them", async () => {
  const { told, wakes, tell } = await pair();
  const events = [eventAt(1), eventAt(2, "{}"), { ...eventAt(3), actor: null, mutationId: null }];
  await tell(events);
  expect([told, wakes]).toEqual([events, []]);
});

test("no payload is larger than the carrier takes, and what is too much is told by its number", async () => {
  const { told, wakes, payloads, tell } = await pair();
  const large = eventAt(1, JSON.stringify({ text: "ü".repeat(5_000) }));
  const many = Array.from({ length: 200 }, (_, i) => eventAt(i + 2, JSON.stringify({ text: "ü".repeat(400) })));
  await tell([large]);
  expect([told.length, wakes]).toEqual([0, [[id, 1]]]);
  await tell(many);
  expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(limits.payloadBytes);
  expect(payloads.length).toBeLessThan(8);
  expect(told).toEqual(many.slice(0, told.length));
  expect(told.length).toBeGreaterThan(20);
  expect(wakes.at(-1)).toEqual([id, 201]);
});

test("an event of which no epoch is known is told by its number", async () => {
  const { told, wakes, tell } = await pair();
  await tell([{ ...eventAt(4), epoch: undefined }]);
  expect([told, wakes]).toEqual([[], [[id, 4]]]);
});

test("[S6] of a payload that was cut off nothing is delivered, wherever the cut is", async () => {
  let keep = Number.POSITIVE_INFINITY;
  const { told, payloads, errors, tell } = await pair((payload) =>
    payload.includes('"e":') ? payload.slice(0, keep) : payload,
  );
  await tell([eventAt(1), eventAt(2)]);
  expect(told).toEqual([eventAt(1), eventAt(2)]);
  const whole = payloads.at(-1)?.length ?? 0;
  for (keep = 60; keep < whole; keep += 37) await tell([eventAt(1), eventAt(2)]);
  expect([told.length, errors.length > 10]).toEqual([2, true]);
});
