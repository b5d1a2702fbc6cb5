/** Nothing runs while reminders become due: the clock of the machine moves on meanwhile. */
import { describe, expect, test } from "bun:test";
import { createMovedClock, hasFaketime, type MovedClock } from "../support/faketime.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { findPostgresBinaries, startPostgres, type TestPostgres } from "../support/services.ts";
import { report, rounds, roundsTimeoutMs } from "./rounds.ts";
import {
  expectOnce,
  figuresOf,
  makeTasksDue,
  makeTeam,
  remindersRead,
  toldOf,
  until,
  wishForDueAlone,
  withDatabase,
} from "./told.ts";

const perRound = 500;
const peopleCount = 20;
const minuteMs = 60_000;
const downHours = 3;
/** Due times of a round, the last of them more than a minute before the server is back: all of them are late. */
const spacingMs = ((downHours * 60 - 10) * minuteMs) / perRound;

const kinds = findPostgresBinaries() === undefined ? (["embedded"] as const) : (["embedded", "postgres"] as const);

describe.if(hasFaketime).each(kinds)("a server that is down over 500 due times, %s", (kind) => {
  const withClock = async (work: (clock: MovedClock, postgres: TestPostgres | undefined) => Promise<void>) => {
    const clock = createMovedClock({ jumps: false });
    const postgres = kind === "postgres" ? await startPostgres({ fsync: true, env: clock.env }) : undefined;
    try {
      await work(clock, postgres);
    } finally {
      await postgres?.stop();
      clock.remove();
    }
  };

  test(
    "[G6] tells all of them when it is back, each once, as late",
    () =>
      withClock(async (clock, postgres) => {
        const databaseUrl = await postgres?.createDatabase();
        await using server: ServerProcess = await startServer({ databaseUrl, env: clock.env });
        const team = await makeTeam(server, peopleCount);
        await wishForDueAlone(server, team);
        const caughtUpMs: number[] = [];
        for (let round = 1; round <= rounds; round++) {
          const nowMs = Date.now() + (round - 1) * downHours * 60 * minuteMs;
          const dueMs = Array.from({ length: perRound }, (_, i) => nowMs + 5 * minuteMs + i * spacingMs);
          await makeTasksDue(server, team, dueMs);
          // At once: some of what was acknowledged is not even planned yet.
          await server.kill("SIGKILL");
          await postgres?.kill();
          clock.set(round * downHours);
          await postgres?.restart();
          const from = performance.now();
          await server.start();
          await until(() => remindersRead(server, team), round * perRound);
          caughtUpMs.push(Math.round(performance.now() - from));
        }
        const told = await withDatabase(server, databaseUrl, toldOf);
        const { late, early } = told;
        const more = { late, early, catch_up_max_ms: Math.max(...caughtUpMs) };
        report("reminders, down over 500 due times", kind, figuresOf(told, rounds * perRound), more);
        expectOnce(told, rounds * perRound);
        expect([late, early]).toEqual([rounds * perRound, 0]);
      }),
    roundsTimeoutMs,
  );
});
