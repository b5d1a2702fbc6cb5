import { describe, expect, test } from "bun:test";
import { type Client, type EventFrame, openClient } from "../support/contract-client.ts";
import { digest } from "../support/fold.ts";
import { type Figures, makePeople, makeTarget, type Person, percentile } from "../support/load.ts";
import { readLog } from "../support/load-check.ts";
import { openStuckClient } from "../support/stuck-client.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, total } from "./rounds.ts";

const stuckClients = 200;
const listeners = 3;
const updates = 60;
/** Told twice in each event: in the task and among its changes. */
const descriptionBytes = 48_000;
/** For each of them: what may wait is 1 MiB, kept in a buffer that grows ahead of it. */
const growthMaxKib = 1.5 * 1024;

for (const kind of await faultKinds()) {
  describe(`clients stop reading, ${kind.name}`, () => {
    test.skipIf(process.platform !== "linux")(
      "[G7] they are closed with little memory spent, the others miss nothing, and they catch up",
      async () => {
        const all: Figures[] = [];
        const growths: number[] = [];
        for (let round = 0; round < rounds; round++) {
          const usual = await runRound(kind, 0);
          const { peakBytes, figures } = await runRound(kind, stuckClients);
          growths.push(Math.round((peakBytes - usual.peakBytes) / 1024 / stuckClients));
          all.push(figures);
        }
        const growthKib = percentile(growths, 0.5);
        const more = { median_kib_each: growthKib };
        report(`${stuckClients} clients that stop reading`, kind.name, total(all), more);
        expect(growthKib).toBeLessThan(growthMaxKib);
      },
      roundsTimeoutMs,
    );
  });
}

/** On a server of its own: what a round leaves to be collected would count in the next one's peak. */
async function runRound(kind: Kind, stuckCount: number) {
  await using server = await kind.server();
  const names = ["writer", "slow", ...Array.from({ length: listeners }, (_, i) => `listener-${i}`)];
  const people = await makePeople([server], names);
  const [owner, slow, ...others] = people;
  if (!owner || !slow) throw new Error("nobody is there");
  const { projectId } = await makeTarget(owner, people, "Slow");
  const writer = await openClient(owner);
  const { task } = await writer.request("task_create", { project_id: projectId, title: "Long" });
  const { epoch, seq } = await writer.request("join_project", { project_id: projectId });
  await writer.request("leave_project", { project_id: projectId });
  const streams = await Promise.all(others.map((person) => listen(person, projectId, seq + updates)));
  const stuck = Array.from({ length: stuckCount }, () => {
    const client = openStuckClient(server.url, slow.token);
    client.send({ id: 1, event: "join_project", data: { project_id: projectId } });
    client.readUntil('"ok":true');
    return client;
  });

  server.resetPeakMemory();
  for (let i = 0; i < updates; i++) {
    const description = `${i} `.padEnd(descriptionBytes, "x");
    await writer.request("task_update", { task_id: task.id, changes: { description } });
  }
  await Promise.all(streams.map(({ all }) => all));
  const peakBytes = server.peakMemory();

  const log = (await readLog(owner, projectId)).filter((frame) => Number(frame.seq) > seq);
  const sent = Buffer.byteLength(JSON.stringify(log));
  expect(sent).toBeGreaterThan(5_000_000);
  for (const { heard } of streams) expect(heard).toEqual(log.map(digest));
  for (const client of stuck) {
    expect(client.drain()).toBeLessThan(sent);
    client.close();
  }
  const caughtUp = await catchUp(slow, projectId, { epoch, seq });
  expect(caughtUp.events.map(digest)).toEqual(log.map(digest));
  for (const { client } of streams) client.close();
  writer.close();
  const faults = { refused: 0, lost: 0, duplicate: 0, gap: 0, outOfOrder: 0, diverged: 0 };
  return { peakBytes, figures: { ...faults, acked: updates, resumeP99Ms: caughtUp.ms } };
}

interface Stream {
  readonly client: Client;
  readonly heard: string[];
  /** Settles at number `last`; rejects where the connection ends before. */
  readonly all: Promise<void>;
}

async function listen(person: Person, projectId: string, last: number): Promise<Stream> {
  const heard: string[] = [];
  const done = Promise.withResolvers<void>();
  const onEvent = (frame: EventFrame) => {
    if (frame.room !== `project:${projectId}` || frame.seq === undefined) return;
    heard.push(digest(frame));
    if (frame.seq === last) done.resolve();
  };
  const client = await openClient({ ...person, onEvent });
  void client.closed.then(({ code }) => done.reject(new Error(`a reader that reads was closed with ${code}`)));
  await client.request("join_project", { project_id: projectId });
  return { client, heard, all: done.promise };
}

/** Comes back and takes every page after `since`. */
async function catchUp(person: Person, projectId: string, since: { epoch: string; seq: number }) {
  const startedAt = performance.now();
  const client = await openClient(person);
  const events: EventFrame[] = [];
  for (let more = true; more; ) {
    const page = await client.request("join_project", { project_id: projectId, since });
    expect(page.recovered).toBeTrue();
    events.push(...page.events);
    since = { ...since, seq: page.seq };
    more = page.more;
  }
  client.close();
  return { events, ms: Math.round(performance.now() - startedAt) };
}
