/** Writes docs/faults.md from test/faults/results/*.json, which the fault suites leave with FAULT_REPORT=1. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The columns every suite fills; whatever else a result holds is told in the last one. */
const counts = ["acked", "lost", "duplicate", "gap", "out_of_order", "diverged", "resume_p99_ms"] as const;

type Result = Readonly<Partial<Record<(typeof counts)[number], number>>> & {
  readonly test: string;
  readonly database: string;
  readonly rounds: number;
  readonly date: string;
};

const root = new URL("../", import.meta.url);
const folder = new URL("test/faults/results/", root);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const results = names.map((name): Result => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
results.sort((one, other) => one.test.localeCompare(other.test) || one.database.localeCompare(other.database));

const rows = results.map((result) => {
  const { test, database, rounds, date, ...figures } = result;
  const more = Object.entries(figures).filter(([name]) => !counts.some((count) => count === name));
  const cells = [test, database, rounds, ...counts.map((count) => figures[count] ?? "–")];
  return `| ${[...cells, more.map(([name, value]) => `${name} ${value}`).join(", "), date].join(" | ")} |`;
});

const text = `# Faults

Writers and readers on real sockets, a real server as a process of its own, a real PostgreSQL with fsync on or the embedded
database, and something that goes wrong in the middle of it. Every acknowledged mutation is written down; at rest the log, a
fresh snapshot, what every reader made of its events, and all answers must agree. Anything but zero in \`lost\` (acknowledged
and gone), \`duplicate\` (applied or heard twice), \`gap\` (a number missing), \`out_of_order\` and \`diverged\` (states or frames
that differ) fails the test.

\`bun run test\` runs 5 rounds of each (of three nodes one), \`bun run test:faults\` 100 and writes this page. Faults come from a
seed: a failure prints it, and \`FAULT_SEED=<seed> FAULT_ROUNDS=1\` has it again (with FAULT_LONG=1 where it says so). Times are of a shared machine; \`resume_p99_ms\` is from the
beginning of the connection to the last page of events, the slowest round's.

| test | database | rounds | ${counts.join(" | ")} | also | date |
|---|---|---|${counts.map(() => "---|").join("")}---|---|
${rows.join("\n")}

- **kill -9**: the server is killed at random moments, twice a round, and started on the same data.
- **every answer dropped once**: the first answer to every mutation is thrown away and the mutation sent again, now and then
  over a new connection, beside a kill -9.
- **PostgreSQL paused, killed**: \`notice_max_ms\` is how long a read, a write, a socket's write and the health check waited at
  most until they were told; \`recover_max_ms\` from the database's return until the server is ready and a write goes through.
- **clients that stop reading**: \`median_kib_each\` is what the server's memory grew by for each of them, against the same
  writing without them.
- **a member removed under fire**: \`heard_before\` are the frames of the project that reached the removed person's three
  windows while it was theirs, \`heard_after\` those that came once the removal was answered, \`left_max_ms\` the longest
  wait for \`project_left\`.
- **a query over 2,000,000 rows**: \`echo_max_ms\` is the slowest round trip of a socket in the same process meanwhile.
- **inputs of every kind**: bodies, queries, frames, tokens and bytes, made from the schemas and bent (20,000 in \`bun run
  test\`, here \`inputs\` of them); each was answered as its endpoint documents, by a server that lived. Afterwards logs and
  tables agree, and nothing of a stranger's was told or touched.
- **full disk**: 64 MB; it is filled in the middle of writing, and emptied.
- **reminders, kill -9**: all of a round are due at once, and the server is killed while it tells them. \`acked\` are the
  reminders, \`lost\` those that nobody heard, \`duplicate\` those with a second entry or event. **One of two servers killed**:
  \`takeover_p99_ms\` is from the kill until the other has told all that was left.
- **reminders, down over 500 due times**: server and database are killed, and the clock of both is three hours on when they
  start. \`late\` are those that said so: all of them; \`catch_up_max_ms\` is from the start of the server until all are told.
- **reminders, clocks off by two hours**: one server ahead of the database, one behind it, both jumping now and then. \`early\`
  and \`missed\` (more than 30 s behind) by the database's time; \`latest_ms\` is the longest wait. **A clock that jumps**: of the
  machine with the embedded database, ahead by two hours and back.
- **jobs, one of two servers killed**: with mail in its hands that the mail server has and has not confirmed.
  \`takeover_p99_ms\` is from the kill to the end of the last job, \`mails_twice\` those sent again, under the id they had.
- **the mail server away for an hour**: half of it refuses connections, half of it every recipient. \`duplicate\` are mails that
  arrived twice, \`other_channels_max_ms\` the longest wait for socket and push meanwhile, \`back_max_minutes\` how long the last
  mail took once the mail server was there again.
- **every wake lost**: between a process with requests and one with jobs. \`told_max_ms\` is the longest way from a comment to
  socket, push and mail by ticks and polls alone.
- **three nodes**: processes behind nginx (docs/deploy/nginx-nodes.conf) on one PostgreSQL, woken by its NOTIFY or by Redis, under
  \`clients\`, a third of 60 or a fifth of 1,000 of them writing. 60 are what a test run has; the long one has ten rounds of ten kills and
  100,000 mutations as fast as two cores take them, of every kind of cut and 20,000, of three restarts and 5,000 at 400 a second.
  \`heal_max_ms\` is from the end of a fault until what is written at each node and through nginx was heard at every node and
  by every client; \`meanwhile_max_ms\` the same from the beginning of the fault, of those whom it leaves alone. **cut off**:
  links between node and PostgreSQL, node and Redis, nginx and node are cut, held up one way or both, or half open; PostgreSQL
  is killed and started; Redis is stopped (SIGSTOP) and killed. **rolling restart**: SIGTERM, one node after the other. That a
  resume takes less than a second is promised of the rolling restart; of **cut off** it may be as long as a link is held up (up to
  1.8 s) or the database is away, and then only what it takes to heal is.
- Where a test says fewer rounds than the others, a round of it waits for real time (it runs half of them), or is a longer one
  (three nodes).
`;
writeFileSync(new URL("docs/faults.md", root), text);
console.log(`docs/faults.md: ${results.length} results`);
