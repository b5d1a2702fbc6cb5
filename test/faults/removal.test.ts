import { describe, expect, test } from "bun:test";
import { api, type Client, callApi, type EventFrame, openClient, Refused } from "../support/contract-client.ts";
import { type Figures, type Load, runLoad } from "../support/load.ts";
import type { ServerProcess } from "../support/server.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const removals = 20;
const tabs = 3;

/** On another server the removal is known within … */
const otherNodeMs = 1_000;

for (const kind of await faultKinds()) {
  describe(`a member is removed while others write, ${kind.name}`, () => {
    test(
      "[S10] nothing of the project is heard once the removal is answered, only project_left",
      async () => {
        await using server = await kind.server();
        await runRounds("a member removed under fire", kind, server, server);
      },
      roundsTimeoutMs,
    );

    // Two processes cannot share the embedded database.
    if (!kind.postgres) return;
    test(
      "[S10] on another server nothing behind the removal is heard, and project_left within a second",
      async () => {
        const databaseUrl = await kind.database();
        await using server = await kind.server({ databaseUrl, env: { BROKER: "postgres" } });
        await using other = await kind.server({ databaseUrl, env: { BROKER: "postgres" } });
        const { left_max_ms } = await runRounds("a member removed from another server", kind, server, other);
        expect(left_max_ms).toBeLessThan(otherNodeMs);
      },
      roundsTimeoutMs,
    );
  });
}

/** Removals are asked of `server`, the removed person's windows are at `other`. */
async function runRounds(name: string, kind: Kind, server: ServerProcess, other: ServerProcess) {
  const servers = server === other ? [server] : [server, other];
  const all: Figures[] = [];
  const counts = { removals: rounds * removals, heard_before: 0, heard_after: 0, left_max_ms: 0 };
  for (let round = 0; round < rounds; round++) {
    const options = { seed: seedOf(round), mutations: Number.POSITIVE_INFINITY, writers: 4, readers: 2, projects: 1 };
    const figures = await runLoad(servers, { ...options, window: 2 }, async (load) => {
      const { heard, leftMs } = await removeAgainAndAgain(server, other, load);
      counts.heard_before += heard;
      counts.left_max_ms = Math.max(counts.left_max_ms, leftMs);
      load.stop();
    });
    all.push(figures);
  }
  report(name, kind.name, total(all), counts);
  expect(counts.heard_before).toBeGreaterThanOrEqual(rounds * removals * tabs);
  return counts;
}

/** One window of the person who is removed. */
interface Tab {
  readonly client: Client;
  /** Frames of the project since it was joined last, ephemeral ones included. */
  heard: EventFrame[];
  left: number;
  /** Settles at the next live event of the project. */
  next(): Promise<void>;
  /** Settles when `project_left` was heard `count` times in all. */
  leftTimes(count: number): Promise<void>;
}

async function openTab(url: string, token: string, room: string): Promise<Tab> {
  const heard = new Set<() => void>();
  const when = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        heard.delete(look);
        resolve();
      };
      heard.add(look);
      look();
    });
  const client = await openClient({
    url,
    token,
    onEvent(frame) {
      if (frame.room === room) tab.heard.push(frame);
      if (frame.event === "project_left") tab.left++;
      for (const look of heard) look();
    },
  });
  const tab: Tab = {
    client,
    heard: [],
    left: 0,
    next: () => when(() => tab.heard.some(({ seq }) => seq !== undefined)),
    leftTimes: (count) => when(() => tab.left >= count),
  };
  return tab;
}

/** Answers how many frames of the project were heard while it was theirs, and the longest wait for `project_left`. */
async function removeAgainAndAgain(server: ServerProcess, other: ServerProcess, load: Load) {
  const { url } = server;
  const projectId = load.targets[0]?.projectId ?? "";
  const owner = { url, token: await server.token("writer-1") };
  const person = { url: other.url, token: await server.token("the removed") };
  const { id } = await api<{ id: string }>(person, "GET", "/api/me");
  const tabsOpen = await Promise.all(
    Array.from({ length: tabs }, () => openTab(other.url, person.token, `project:${projectId}`)),
  );
  let heard = 0;
  let leftMs = 0;
  for (let removal = 1; removal <= removals; removal++) {
    await api(owner, "POST", `/api/projects/${projectId}/members`, { user_id: id, role: "member" });
    for (const tab of tabsOpen) tab.heard = [];
    const joined = await Promise.all(
      tabsOpen.map((tab) => tab.client.request("join_project", { project_id: projectId })),
    );
    await Promise.all(tabsOpen.map((tab) => tab.next()));

    const answer = await callApi(owner, "DELETE", `/api/projects/${projectId}/members/${id}`);
    expect(answer.status).toBe(204);
    const answeredAt = performance.now();
    const left = Promise.all(tabsOpen.map((tab) => tab.leftTimes(removal))).then(() => performance.now());
    // On another server the removal still has to be heard of.
    if (other !== server) await left;
    // What the server had sent before stands in front of the answer to a ping.
    await Promise.all(tabsOpen.map((tab) => tab.client.request("ping", {})));
    const before = tabsOpen.map((tab) => tab.heard.length);
    heard += before.reduce((sum, count) => sum + count, 0);

    const since = Math.min(...joined.map(({ seq }) => seq));
    const removedAt = await findRemoval(owner, projectId, id, since);
    leftMs = Math.max(leftMs, Math.round((await left) - answeredAt));
    for (const tab of tabsOpen) {
      const refused = await tab.client.request("join_project", { project_id: projectId }).catch((error) => error);
      expect(refused instanceof Refused && refused.error.code).toBe("not_found");
    }
    // Others go on writing; a whole round trip later still nothing has come.
    await load.acked(load.ledger.acks.length + 5);
    await Promise.all(tabsOpen.map((tab) => tab.client.request("ping", {})));
    expect(tabsOpen.map((tab) => tab.heard.length)).toEqual(before);
    for (const tab of tabsOpen) {
      expect(tab.left).toBe(removal);
      expect(Math.max(...tab.heard.map(({ seq = 0 }) => seq))).toBeLessThan(removedAt);
    }
  }
  for (const tab of tabsOpen) tab.client.close();
  return { heard, leftMs };
}

/** The number of the event that removed the person, the first after `since`. */
async function findRemoval(owner: { url: string; token: string }, projectId: string, id: string, since: number) {
  for (let after = since; ; ) {
    const path = `/api/projects/${projectId}/events?since=${after}&limit=200`;
    const { items } = await api<{ items: EventFrame[] }>(owner, "GET", path);
    const removal = items.find(({ event, data }) => event === "member_removed" && data.member_id === id);
    if (removal?.seq !== undefined) return removal.seq;
    const last = items.at(-1)?.seq;
    if (last === undefined) throw new Error("the log has no removal");
    after = last;
  }
}
