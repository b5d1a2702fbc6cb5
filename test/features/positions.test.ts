import { expect, test } from "bun:test";
import fc from "fast-check";
import { endPosition, positionBetween } from "../../src/features/tasks/position.ts";

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
  const [low, high] = [endPosition(1), endPosition(2)];
  for (const after of [high, null]) {
    const made = Array.from({ length: 200 }, () => positionBetween(low, after));
    expect(new Set(made).size).toBeGreaterThan(195);
  }
});
