import { expect, test } from "bun:test";
import fc from "fast-check";
import { endPosition, positionBetween, positionsBetween } from "../../src/db/position.ts";
import {
  isTight,
  type Placed,
  planSpread,
  positionLengthMax,
  reaches,
  stretchOf,
} from "../../src/features/tasks/spread.ts";

/** The order that PostgreSQL's `collate "C"` has (H5). */
const sorted = (positions: readonly string[]): string[] =>
  [...positions].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const expectOrder = (positions: readonly string[]): void => {
  expect(sorted(positions)).toEqual([...positions]);
  expect(new Set(positions).size).toBe(positions.length);
};

test("positions of rising numbers rise, over every change of length", () => {
  const numbers = [...Array(4000).keys(), 238_327, 238_328, 14_776_335, 14_776_336, 2 ** 31 - 1];
  expectOrder(numbers.map((number) => endPosition(number)));
});

test("wherever tasks are put in, each stands between its neighbours, with the least and the greatest chance too", () => {
  const chances = fc.constantFrom(0, 0.5, 1 - Number.EPSILON);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), chances), { minLength: 1, maxLength: 60 }), (drops) => {
      const list: string[] = [];
      for (const [where, chance] of drops) {
        const at = where % (list.length + 1);
        list.splice(
          at,
          0,
          positionBetween(list[at - 1] ?? null, list[at] ?? null, () => chance),
        );
      }
      expectOrder(list);
      for (const position of list) expect(position.endsWith("0")).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("a new task stands behind every other, however often some were moved to the end", () => {
  const list: string[] = [];
  for (let number = 1; number <= 30; number++) {
    list.push(endPosition(number));
    for (let moves = 0; moves < 20; moves++) list.push(positionBetween(list.at(-1) ?? null, null));
  }
  expectOrder(list);
});

test("moving to the end or to the front a thousand times keeps positions short", () => {
  let [end, front] = [endPosition(1), endPosition(1)];
  for (let i = 0; i < 1000; i++) {
    [end, front] = [positionBetween(end, null), positionBetween(null, front)];
  }
  expect(end.length).toBeLessThan(16);
  expect(front.length).toBeLessThan(16);
});

test("dropping into the same gap adds about a character for every five drops", () => {
  const low = endPosition(1);
  let high = endPosition(2);
  for (let i = 0; i < 500; i++) high = positionBetween(low, high);
  expect(high.length).toBeLessThan(150);
});

test("two who drop into the same place seldom get the same position, at the end and in a gap", () => {
  // In the middle of its digits: just below the next whole part there is less to choose from.
  const [low, high] = [endPosition(1, () => 0.5), endPosition(2)];
  for (const after of [high, null]) {
    const made = Array.from({ length: 200 }, () => positionBetween(low, after));
    expect(new Set(made).size).toBeGreaterThan(195);
  }
});

test("many positions put between two at once are in order, short, and leave the end to new tasks", () => {
  const [low, high] = [endPosition(1), endPosition(2)];
  for (const count of [0, 1, 2, 31, 1000])
    for (const [after, before] of [
      [low, high],
      [low, null],
      [null, low],
      [null, null],
    ] as const) {
      const made = positionsBetween(count, after, before);
      expect(made.length).toBe(count);
      expectOrder([...(after ? [after] : []), ...made, ...(before ? [before] : endPosition(2_000).split(" "))]);
      expect(Math.max(0, ...made.map((position) => position.length))).toBeLessThan(16);
    }
});

const inOrder = (tasks: readonly Placed[]): string[] =>
  [...tasks]
    .sort((a, b) => Buffer.compare(Buffer.from(a.position), Buffer.from(b.position)) || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);

test("when tasks get room, the order stays what it is after each single move of it, whatever stood there before", () => {
  const gaps = fc.array(fc.nat(40), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(gaps, fc.boolean(), fc.boolean(), (drops, open, ties) => {
      const list = [endPosition(1), endPosition(2)];
      for (const where of drops) {
        const at = 1 + (where % (list.length - 1));
        list.splice(at, 0, positionBetween(list[at - 1] ?? null, list[at] ?? null));
      }
      if (ties) list.splice(1, 0, list[1] ?? "", list[1] ?? "");
      const all = list.map((position, i) => ({ id: String(1000 + i), position }));
      const inner = open ? all : all.slice(1, -1);
      const [low, high] = open ? [null, null] : [all[0]?.position ?? null, all.at(-1)?.position ?? null];
      const now = new Map(all.map((task) => [task.id, task]));
      const plan = planSpread({ tasks: inner, low, high }) ?? [];
      expect(plan.length).toBe(inner.length);
      for (const step of plan) {
        now.set(step.id, step);
        expect(inOrder([...now.values()])).toEqual(all.map(({ id }) => id));
      }
    }),
    { numRuns: 200 },
  );
});

/** Ways to be unkind: the index of the next drop in a list of `length`, at the `n`th of them. */
const drops: Readonly<Record<string, (n: number, length: number, last: number) => number>> = {
  "behind the first": () => 1,
  "in front of the last": (_, length) => length - 1,
  "between the last two dropped": (n, _, last) => last + (n % 2),
  "around the middle": (n, length) => (length >> 1) + (n % 3),
};

test.each(Object.entries(drops))(
  "ten thousand tasks dropped %s keep short positions, for few moves of others",
  (_, where) => {
    const list: Placed[] = [1, 2, 3].map((n) => ({ id: `first ${n}`, position: endPosition(n) }));
    let [last, moves, longest] = [1, 0, 0];
    const position = () => positionBetween(list[last - 1]?.position ?? null, list[last]?.position ?? null);
    for (let n = 0; n < 10_000; n++) {
      last = Math.max(1, where(n, list.length, last));
      if (position().length > positionLengthMax) moves += makeRoom(list, last);
      list.splice(last, 0, { id: String(n), position: position() });
      longest = Math.max(longest, list[last]?.position.length ?? 0);
    }
    expectOrder(list.map((task) => task.position));
    expect(longest).toBeLessThanOrEqual(positionLengthMax);
    expect(moves).toBeLessThan(40_000); // at random about 25,000 of the most unkind
  },
);

/** What the server does around a gap, on a list in memory. Answers how many tasks it moved. */
function makeRoom(list: Placed[], at: number): number {
  const [before, behind] = [list.slice(0, at).reverse(), list.slice(at)];
  let plan: Placed[] | undefined;
  for (const reach of reaches) {
    plan = planSpread(stretchOf(before, behind, reach));
    if (!isTight(plan)) break;
  }
  const positions = new Map(plan?.map((task) => [task.id, task]));
  for (const [i, task] of list.entries()) list[i] = positions.get(task.id) ?? task;
  return positions.size;
}
