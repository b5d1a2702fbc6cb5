/** A server dies with jobs in its hands: another takes them over when their lease is over. */
import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { percentile } from "../support/load.ts";
import { type Correspondent, type MailSink, makeCorrespondent, startMailSink } from "../support/mail.ts";
import { caller, ok } from "../support/people.ts";
import { rounds as allRounds, faultKinds, type Kind, report, roundsTimeoutMs } from "./rounds.ts";

/** Each waits for a lease. */
const rounds = Math.ceil(allRounds / 2);
/** As many as two servers have in hand at once. */
const peopleCount = 8;
const takeoverMs = 10_000;

const postgres = (await faultKinds()).find(({ name }) => name === "postgres");

describe.if(postgres !== undefined)("jobs of a server that was killed, postgres", () => {
  test(
    "are taken over by another within ten seconds, each to its end; the inbox holds each once",
    () => (postgres ? killed(postgres) : undefined),
    roundsTimeoutMs,
  );
});

async function killed(kind: Kind): Promise<void> {
  const sink = await startMailSink();
  const databaseUrl = await kind.database();
  const env = {
    SMTP_URL: sink.url,
    MAIL_FROM: "tasks@example.org",
    JWT_TTL_SECONDS: "86400",
    // One address for both, as behind a balancer: mails are named after it.
    PUBLIC_URL: "https://tasks.example.org",
  };
  // Three processes: what is asked of the one is done by the other two, whichever of them lives.
  await using web = await kind.server({ databaseUrl, env: { ...env, ROLES: "web" } });
  const options = { databaseUrl, env: { ...env, ROLES: "jobs" } };
  await using one = await kind.server(options);
  await using other = await kind.server(options);
  const admin = await makeCorrespondent(web);
  const people: Correspondent[] = [];
  for (let i = 0; i < peopleCount; i++) people.push(await makeCorrespondent(web));
  const database = await openDatabase({ databaseUrl, dataDir: one.dataDir, poolSize: 2 });
  const takeoversMs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const victim = round % 2 ? one : other;
    const send = async (message: string) => {
      const body = { user_ids: people.map(({ id }) => id), type: "note", category: "mentioned", message };
      ok(await caller(web, admin.token)("POST", "/api/notifications/send", body), 200);
    };
    const release = sink.hold();
    const mailsOf = ({ email }: Correspondent) => sink.mails.filter(({ to }) => to.includes(email)).length;
    // Each mail was given over, and its server has not heard that it was taken.
    const given = people.map((person) => [person.email, mailsOf(person) + 1] as const);
    await send(`round ${round}`);
    await database.sql`update jobs set due_at = now() where kind = 'mail'`;
    await Promise.all(given.map(([email, count]) => sink.received(email, count)));
    await victim.kill("SIGKILL");
    const killedAt = performance.now();
    release();
    while ((await leftOf(database)) > 0) await Bun.sleep(10); // looks without a pause keep the servers from it
    takeoversMs.push(performance.now() - killedAt);
    await victim.start();
  }
  const figures = await judge(database, sink, people);
  await database.close();
  const takeover_p99_ms = percentile(takeoversMs, 0.99);
  const { twice, ...rest } = figures;
  report("jobs, one of two servers killed", kind.name, rest, { rounds, mails_twice: twice, takeover_p99_ms });
  await sink.close();
  expect([rest.lost, rest.duplicate]).toEqual([0, 0]);
  // At least once is what mail promises; a half of them was in the hands of who died.
  expect(twice).toBeGreaterThan(0);
  expect(takeover_p99_ms).toBeLessThan(takeoverMs);
}

async function leftOf({ sql }: Database): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from jobs`;
  return row?.count ?? 0;
}

/** Everybody has one entry and one mail (by its id) of each round. */
async function judge({ sql }: Database, sink: MailSink, people: readonly Correspondent[]) {
  const wanted = people.length * rounds;
  const [row] = await sql<{ entries: number; told: number }[]>`
    select count(*)::int as entries, count(distinct (user_id, message))::int as told from notifications where type = 'note'`;
  const mails = new Set(sink.mails.map((mail) => mail.header("message-id")));
  return {
    acked: wanted,
    refused: 0,
    lost: wanted - Math.min(row?.told ?? 0, mails.size),
    duplicate: (row?.entries ?? 0) - (row?.told ?? 0),
    gap: 0,
    outOfOrder: 0,
    diverged: 0,
    resumeP99Ms: 0,
    twice: sink.mails.length - mails.size,
  };
}
