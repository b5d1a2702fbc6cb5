import { expect, test } from "bun:test";
import { createLiveness } from "../../src/client/liveness.ts";
import { createMovableClock } from "../support/clock.ts";

function watched() {
  const clock = createMovableClock();
  const seen = { pings: 0, deaths: 0 };
  const liveness = createLiveness(
    clock,
    async () => {
      seen.pings++;
    },
    () => {
      seen.deaths++;
    },
  );
  liveness.start(25_000);
  return { clock, liveness, seen };
}

test("[S7] silence of heartbeat + 10 s is asked about, and 10 s without an answer is the end", () => {
  const { clock, seen } = watched();
  clock.advance(34_999);
  expect(seen).toEqual({ pings: 0, deaths: 0 });
  clock.advance(1);
  expect(seen).toEqual({ pings: 1, deaths: 0 });
  clock.advance(9999);
  expect(seen.deaths).toBe(0);
  clock.advance(1);
  expect(seen).toEqual({ pings: 1, deaths: 1 });
});

test("[S7] any frame is a sign of life", () => {
  const { clock, liveness, seen } = watched();
  for (let i = 0; i < 10; i++) {
    clock.advance(30_000);
    liveness.heard();
  }
  expect(seen).toEqual({ pings: 0, deaths: 0 });
  clock.advance(35_000);
  liveness.heard();
  clock.advance(10_000);
  expect(seen).toEqual({ pings: 1, deaths: 0 });
});

test("a doubt is settled within four seconds", () => {
  const { clock, liveness, seen } = watched();
  liveness.probe();
  clock.advance(4000);
  expect(seen).toEqual({ pings: 1, deaths: 1 });
});

test("a stopped watch neither asks nor ends anything", () => {
  const { clock, liveness, seen } = watched();
  liveness.probe();
  liveness.stop();
  clock.advance(100_000);
  liveness.probe();
  expect(seen).toEqual({ pings: 1, deaths: 0 });
});
