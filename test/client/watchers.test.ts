/** Who watches a task that was made just now: the server settles that a moment after the event. */
import { expect, test } from "bun:test";
import { when } from "../../src/client/observable.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { User } from "../../src/protocol/users.ts";
import { createMovableClock } from "../support/clock.ts";
import { makeDetails, makeRest, makeTask } from "./tasks.ts";

const ana: User = { id: "ana", name: "Ana", avatar_url: null, role: "user" };
const made: LoggedEvent = {
  event: "task_created",
  room: "project:p",
  seq: 11,
  at: "",
  data: { task: makeTask(), task_id: "t1", created_by: "ana" },
};

function world() {
  const clock = createMovableClock();
  const asked: number[] = [];
  const rest = makeRest({
    async "/watchers"() {
      asked.push(clock.now());
      // Nobody yet; one who watches, once the server has seen to it.
      return { items: clock.now() < start + 1000 ? [] : [ana], next_cursor: null };
    },
  });
  const start = clock.now();
  const details = makeDetails(clock, rest);
  const watch = () => {
    const { watchers } = details.open("t1");
    watchers.subscribe(() => {});
    return watchers;
  };
  return { clock, details, watch, askedAt: () => asked.map((at) => at - start) };
}

test("a task that is opened just after it was made has its watchers read once more", async () => {
  const { clock, details, watch, askedAt } = world();
  details.apply([made]);
  const watchers = watch();
  await when(watchers, (people) => people?.length === 0);
  clock.advance(2000);
  expect(askedAt()).toEqual([0, 2000]);
  await when(watchers, (people) => people?.length === 1);
});

test("a task that is opened before its event has come, too", async () => {
  const { clock, details, watch, askedAt } = world();
  const watchers = watch();
  details.apply([made]);
  clock.advance(2000);
  expect(askedAt()).toEqual([0, 0, 2000]);
  await when(watchers, (people) => people?.length === 1);
});

test("of any other task they are read once", async () => {
  const { clock, details, watch, askedAt } = world();
  details.apply([made]);
  clock.advance(2000);
  await when(watch(), (people) => people?.length === 1);
  clock.advance(10_000);
  expect(askedAt()).toEqual([2000]);
});
