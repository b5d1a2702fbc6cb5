import { describe, expect, test } from "bun:test";
import { api, type Client, openClient } from "../support/contract-client.ts";
import { digest } from "../support/fold.ts";
import { type Figures, inTime, makePeople, makeTarget, type Person } from "../support/load.ts";
import { checkProject } from "../support/load-check.ts";
import { emptyLedger, type Ledger, type Target } from "../support/load-writer.ts";
import { createRandom, type Random } from "../support/random.ts";
import type { ServerProcess } from "../support/server.ts";
import { faultKinds, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const writers = 200;
const writesEach = 4;

for (const kind of await faultKinds()) {
  describe(`200 writers in one room, ${kind.name}`, () => {
    test(
      "[S6] every listener hears the same sequence, which is the log's",
      async () => {
        await using server = await kind.server();
        report("200 writers in one room", kind.name, await runRounds([server]));
      },
      roundsTimeoutMs,
    );

    // Two processes cannot share the embedded database.
    if (!kind.postgres) return;
    test(
      "[S6] with two servers on one database as well",
      async () => {
        const databaseUrl = await kind.database();
        await using one = await kind.server({ databaseUrl, env: { BROKER: "postgres" } });
        await using other = await kind.server({ databaseUrl, env: { BROKER: "postgres" } });
        report("200 writers in one room, two servers", kind.name, await runRounds([one, other]));
      },
      roundsTimeoutMs,
    );
  });
}

async function runRounds(servers: readonly ServerProcess[]): Promise<Figures> {
  const names = Array.from({ length: writers }, (_, i) => `writer-${i + 1}`);
  const people = await makePeople(servers, names);
  const [owner] = people;
  if (!owner) throw new Error("nobody writes");
  const target = await makeTarget(owner, people, "One order");
  const client = await openClient(owner);
  for (let i = 0; i < 10; i++) {
    const { task } = await client.request("task_create", { project_id: target.projectId, title: `Task ${i}` });
    target.taskIds.push(task.id);
  }
  client.close();
  const listeners = await Promise.all(people.map((person) => listen(person, target.projectId)));
  const all: Figures[] = [];
  for (let round = 0; round < rounds; round++) all.push(await runRound(owner, listeners, target, seedOf(round)));
  for (const listener of listeners) listener.client.close();
  return total(all);
}

interface Listener {
  readonly client: Client;
  /** What it heard of the room since the round began. */
  heard: string[];
  /** Settles when it has heard the room until number `last`. */
  until(last: number): Promise<void>;
  gap: number;
}

async function runRound(owner: Person, listeners: readonly Listener[], target: Target, seed: number): Promise<Figures> {
  const random = createRandom(seed);
  const { projectId } = target;
  const head = await api<{ seq: number }>(owner, "GET", `/api/projects/${projectId}/snapshot`);
  await Promise.all(listeners.map((listener) => listener.until(head.seq)));
  for (const listener of listeners) listener.heard = [];
  const last = head.seq + writers * writesEach;
  const all = Promise.all(listeners.map((listener) => listener.until(last)));
  const ledger = emptyLedger();
  await Promise.all(listeners.map(({ client }, i) => writeSome(client, `order-${seed}-${i}`, target, random, ledger)));
  await inTime(all, "the listeners", () => listeners.map(({ heard }) => heard.length).join(" "));
  const verdict = await checkProject(owner, projectId, ledger, []);
  expect(verdict.problems).toEqual([]);
  expect(listeners.map(({ heard }) => heard.length)).toEqual(listeners.map(() => writers * writesEach));
  expect(new Set(listeners.map(({ heard }) => digest(heard))).size).toBe(1);
  expect(ledger.acks.length).toBe(writers * writesEach);
  const gap = listeners.reduce((sum, listener) => sum + listener.gap, 0);
  expect(gap).toBe(0);
  return { ...verdict, acked: ledger.acks.length, refused: 0, gap, resumeP99Ms: 0 };
}

/** Joins and hears the room from there on. */
async function listen(person: Person, projectId: string): Promise<Listener> {
  const room = `project:${projectId}`;
  let seq = 0;
  let waiting: { last: number; resolve: () => void } | undefined;
  const client = await openClient({
    ...person,
    onEvent(frame) {
      if (frame.room !== room || frame.seq === undefined) return;
      if (frame.seq !== seq + 1) listener.gap++;
      seq = frame.seq;
      listener.heard.push(`${frame.seq} ${frame.event} ${frame.mutation_id}`);
      if (waiting && seq >= waiting.last) waiting.resolve();
    },
  });
  const listener: Listener = {
    client,
    heard: [],
    gap: 0,
    until: (last) =>
      new Promise((resolve) => {
        if (seq >= last) resolve();
        else waiting = { last, resolve };
      }),
  };
  await client.request("join_project", { project_id: projectId }, (answer) => {
    seq = answer.seq;
  });
  return listener;
}

/** Everything at once; each write makes exactly one event. */
async function writeSome(client: Client, name: string, target: Target, random: Random, ledger: Ledger): Promise<void> {
  const writes = Array.from({ length: writesEach }, async (_, i) => {
    const mutationId = `${name}-${i}`;
    const task = { task_id: random.pick(target.taskIds), mutation_id: mutationId };
    const comment = random.chance(0.3);
    const answer = comment
      ? await client.request("new_comment", { ...task, content: mutationId })
      : await client.request("task_update", { ...task, changes: { title: mutationId } });
    const resource = digest("comment" in answer ? answer.comment : answer.task);
    const verb = comment ? "new_comment" : "task_update";
    const { projectId } = target;
    ledger.acks.push({ projectId, mutationId, verb, seq: answer.seq, resource, mayChangeNothing: false });
  });
  await Promise.all(writes);
}
