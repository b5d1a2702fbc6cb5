import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { backoffMs } from "../../src/client/backoff.ts";
import { type Effect, type Event, initialState, type State, shownState, step, table } from "../../src/client/state.ts";

/** The state after these events, and everything that was to be done on the way. */
function run(events: readonly Event[], from: State = initialState): { state: State; did: Effect[] } {
  let state = from;
  const did: Effect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    did.push(...next.effects);
  }
  return { state, did };
}

const toLive: readonly Event[] = [
  { type: "start" },
  { type: "authorized", token: "t" },
  { type: "welcomed" },
  { type: "caught_up" },
];
const live = run(toLive).state;
const lost = (code: number): Event => ({ type: "lost", code, spreadMs: 0 });

test("a connection goes from stopped to live, and asks for what each step needs", () => {
  const { state, did } = run(toLive);
  expect(state).toEqual({ name: "live" });
  expect(did).toEqual([
    { do: "authorize", fresh: false },
    { do: "open", token: "t" },
    { do: "catch_up" },
    { do: "replay" },
  ]);
});

describe("[S9] close codes are obeyed", () => {
  test("4401 gets a new token and comes back at once", () => {
    const { state, did } = run([lost(4401)], live);
    expect(state).toEqual({ name: "authorizing", attempt: 0 });
    expect(did).toEqual([{ do: "drop" }, { do: "authorize", fresh: true }]);
  });
  test("4401 again and again is retried ever more slowly", () => {
    const again: Event[] = [{ type: "authorized", token: "t" }, lost(4401)];
    const { state } = run([lost(4401), ...again, ...again, ...again], live);
    expect(state).toEqual({ name: "waiting", attempt: 3, firm: false });
  });
  test("4403 stops, whatever happens after it but a new start", () => {
    const { state } = run([lost(4403), { type: "nudged" }, { type: "retry_due" }], live);
    expect(state).toEqual({ name: "refused", reason: "revoked" });
  });
  test("1012, 1006 and 4408 wait a moment, which the return of the network ends", () => {
    for (const code of [1012, 1006, 4408]) {
      const { state, did } = run([lost(code)], live);
      expect(state).toEqual({ name: "waiting", attempt: 0, firm: false });
      expect(did).toEqual([{ do: "drop" }, { do: "wait", attempt: 0, leastMs: 0, spreadMs: 0 }]);
      expect(run([{ type: "nudged" }], state).did).toEqual([{ do: "cancel_wait" }, { do: "authorize", fresh: false }]);
    }
  });
  test("1012 comes back within the time over which the server wants its clients spread", () => {
    const { did } = run([{ type: "lost", code: 1012, spreadMs: 30_000 }], live);
    expect(did).toContainEqual({ do: "wait", attempt: 0, leastMs: 0, spreadMs: 30_000 });
  });
  test("4429 stays away for at least five seconds, and nothing shortens it", () => {
    const { state, did } = run([lost(4429)], live);
    expect(did).toEqual([{ do: "drop" }, { do: "wait", attempt: 0, leastMs: 5000, spreadMs: 0 }]);
    expect(run([{ type: "nudged" }], state)).toEqual({ state, did: [] });
  });
});

test("every failure to come back waits longer, until it is live again", () => {
  const fail: Event[] = [{ type: "retry_due" }, { type: "authorization_failed" }];
  const { did } = run([lost(1006), ...fail, ...fail, ...fail], live);
  expect(did.filter((effect) => effect.do === "wait").map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3]);
  const back: Event[] = [{ type: "retry_due" }, ...toLive.slice(1), lost(1006)];
  expect(run([lost(1006), ...fail, ...fail, ...back], live).state).toMatchObject({ name: "waiting", attempt: 0 });
});

test("while it is live, a change of the network asks for a sign of life instead of dropping the connection", () => {
  expect(run([{ type: "nudged" }], live)).toEqual({ state: live, did: [{ do: "probe" }] });
});

const codes = [1000, 1006, 1009, 1012, 4400, 4401, 4403, 4408, 4429, 4999];
const plain = Object.keys(table.stopped).filter((type) => type !== "lost" && type !== "authorized");
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom(...codes).map(lost),
  fc.constant<Event>({ type: "authorized", token: undefined }),
  // The names come from the table, so a new event without data is played too.
  fc.constantFrom(...plain).map((type) => ({ type }) as Event),
);

test("whatever happens in whatever order, there is at most one socket and one timer, and a way back", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let state: State = initialState;
      let sockets = 0;
      let timers = 0;
      for (const event of events) {
        if (event.type === "retry_due" && state.name === "waiting") timers--;
        const next = step(state, event);
        for (const effect of next.effects) {
          if (effect.do === "open") sockets++;
          if (effect.do === "drop") sockets = 0;
          if (effect.do === "wait") timers++;
          if (effect.do === "cancel_wait") timers--;
        }
        state = next.state;
        expect(sockets).toBe(["opening", "catching_up", "live"].includes(state.name) ? 1 : 0);
        expect(timers).toBe(state.name === "waiting" ? 1 : 0);
      }
      const back: Event[] = [{ type: "stop" }, ...toLive];
      expect(run(back, state).state).toEqual({ name: "live" });
      expect(shownState(state)).toBeString();
    }),
    { numRuns: 500 },
  );
});

test("the wait is drawn from half a second up to a bound that doubles until 20 s", () => {
  expect(backoffMs(0, 0)).toBe(500);
  expect(backoffMs(0, 1)).toBe(1000);
  expect(backoffMs(3, 0.5)).toBe(2500);
  expect(backoffMs(50, 0)).toBe(500);
  expect(backoffMs(50, 1)).toBe(20_000);
  expect(backoffMs(0, 0, 5000)).toBe(5000);
  expect(backoffMs(0, 0.5, 0, 30_000)).toBe(15_500);
});
