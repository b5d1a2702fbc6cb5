/** The clocks of the servers are wrong, and jump; the database's is what counts. */
import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { createMovedClock, hasFaketime, type MovedClock } from "../support/faketime.ts";
import { createRandom } from "../support/random.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { rounds as allRounds, faultKinds, report, roundsTimeoutMs, seedOf } from "./rounds.ts";
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

const peopleCount = 10;
const perRound = 60;
/** All of a round are due within so long, after a beginning in which the first of them is made. */
const spreadMs = 2_000;
const leadMs = 5_000;
/** Each takes the time that it tells of. */
const rounds = Math.ceil(allRounds / 2);
const hourMs = 3_600_000;
const offHours = [-2, 2, 0] as const;
/** Later than this is missed: a tick is a second, and machines are shared. */
const missedMs = 30_000;

const kinds = await faultKinds();
const postgres = kinds.find(({ name }) => name === "postgres");
const [embedded] = kinds;

const dueFrom = (fromMs: number): number[] =>
  Array.from({ length: perRound }, (_, i) => fromMs + (i * spreadMs) / perRound);

const withClocks = async (count: number, work: (clocks: readonly MovedClock[]) => Promise<void>): Promise<void> => {
  const clocks = Array.from({ length: count }, () => createMovedClock({ jumps: true }));
  try {
    await work(clocks);
  } finally {
    for (const clock of clocks) clock.remove();
  }
};

describe.if(hasFaketime)("the clocks are wrong by two hours, and jump", () => {
  test.if(postgres !== undefined)(
    "[G6] two servers on one PostgreSQL, one ahead and one behind: nothing is early, missed or doubled",
    () =>
      withClocks(2, async (clocks) => {
        const databaseUrl = await postgres?.database();
        const [ahead, behind] = clocks;
        ahead?.set(2);
        behind?.set(-2);
        const options = { databaseUrl, env: { BROKER: "postgres", ...ahead?.env } };
        await using one = await startServer(options);
        await using _other = await startServer({ ...options, env: { BROKER: "postgres", ...behind?.env } });
        const team = await makeTeam(one, peopleCount);
        await wishForDueAlone(one, team);
        const database = await openDatabase({ databaseUrl, dataDir: one.dataDir, poolSize: 1 });
        for (let round = 1; round <= rounds; round++) {
          const random = createRandom(seedOf(round));
          const count = async () => {
            const { tasks } = await toldOf(database);
            // Now and then one of them jumps, by two or four hours.
            if (random.chance(0.3)) random.pick(clocks).set(random.pick(offHours));
            return tasks;
          };
          await makeTasksDue(one, team, dueFrom((await nowOf(database)) + leadMs));
          await until(count, round * perRound);
        }
        const told = await toldOf(database);
        await database.close();
        const { early, late, latest_ms } = told;
        const missed = await missedOf(one, databaseUrl);
        const more = { rounds, early, late, missed, latest_ms };
        report("reminders, clocks off by two hours", "postgres", figuresOf(told, rounds * perRound), more);
        expectOnce(told, rounds * perRound);
        expect([early, missed]).toEqual([0, 0]);
      }),
    roundsTimeoutMs,
  );

  test(
    "[G6] a machine whose clock jumps ahead and back: what was due by it is told, once; the rest in its time",
    () =>
      withClocks(1, async ([clock]) => {
        if (!clock) throw new Error("there is a clock");
        await using server = await embedded.server({ env: { ...clock.env } });
        const team = await makeTeam(server, peopleCount);
        await wishForDueAlone(server, team);
        const read = () => remindersRead(server, team);
        let due = 0;
        for (let round = 1; round <= rounds; round++) {
          const now = Date.now();
          // Soon, in an hour, and tomorrow.
          await makeTasksDue(server, team, [now + leadMs, now + hourMs, now + 24 * hourMs].flatMap(dueFrom));
          due += perRound;
          await until(read, due);
          clock.set(2);
          due += perRound;
          await until(read, due);
          clock.set(0);
          await makeTasksDue(server, team, dueFrom(Date.now() + leadMs));
          due += perRound;
          await until(read, due);
        }
        const told = await withDatabase(server, undefined, toldOf);
        const { early, late } = told;
        report("reminders, a clock that jumps", "embedded", figuresOf(told, due), { rounds, early, late });
        expectOnce(told, due, rounds * perRound);
        // By the clock that said so, those of an hour later were late.
        expect([early, late]).toEqual([0, rounds * perRound]);
      }),
    roundsTimeoutMs,
  );
});

/** The database's time, which no server moves. */
async function nowOf({ sql }: Database): Promise<number> {
  const [row] = await sql<{ now: number }[]>`select (extract(epoch from now()) * 1000)::float8 as now`;
  if (!row) throw new Error("there is no answer");
  return row.now;
}

/** Told so late that a person would call it missed. */
const missedOf = (server: ServerProcess, databaseUrl: string | undefined): Promise<number> =>
  withDatabase(server, databaseUrl, async ({ sql }) => {
    const late = await sql`
      select from reminders where fired_at > remind_at + ${missedMs}::int * interval '1 ms'`;
    return late.length;
  });
