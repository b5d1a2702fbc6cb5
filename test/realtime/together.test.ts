import { expect, test } from "bun:test";
import { createTogether } from "../../src/core/together.ts";

/** Questions whose answers a test gives. */
function makeAsked(atOnce: number) {
  const asked: { keys: readonly string[]; answer: (values: readonly string[]) => void; refuse: () => void }[] = [];
  const ask = createTogether<string, string>((keys) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    asked.push({ keys, answer: resolve, refuse: () => reject(new Error("refused")) });
    return promise;
  }, atOnce);
  return { asked, ask };
}
const keysOf = (asked: readonly { keys: readonly string[] }[]) => asked.map(({ keys }) => keys);

test("who asks alone is answered alone; who asks meanwhile shares the next question, up to its bound", async () => {
  const { asked, ask } = makeAsked(2);
  const first = ask("a");
  const others = [ask("b"), ask("c"), ask("d")];
  expect(keysOf(asked)).toEqual([["a"]]);
  asked[0]?.answer(["A"]);
  expect(await first).toBe("A");
  expect(keysOf(asked)).toEqual([["a"], ["b", "c"]]);
  asked[1]?.answer(["B", "C"]);
  expect(await Promise.all(others.slice(0, 2))).toEqual(["B", "C"]);
  asked[2]?.answer(["D"]);
  expect(await others[2]).toBe("D");
});

test("what a question is refused with reaches those who share it, and nobody behind them", async () => {
  const { asked, ask } = makeAsked(2);
  const outcomes = ["a", "b", "c", "d"].map((key) => ask(key).catch((error: Error) => error.message));
  asked[0]?.refuse();
  expect(await outcomes[0]).toBe("refused");
  asked[1]?.refuse();
  expect(await Promise.all(outcomes.slice(1, 3))).toEqual(["refused", "refused"]);
  asked[2]?.answer(["D"]);
  expect(await outcomes[3]).toBe("D");
});

test("answers that are not as many as the questions are nobody's", async () => {
  const { asked, ask } = makeAsked(2);
  const outcome = ask("a").catch((error: Error) => error.message);
  asked[0]?.answer([]);
  expect(await outcome).toContain("as many answers");
});
