import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { callApi, openClient } from "../support/contract-client.ts";
import { type Figures, type Load, runLoad } from "../support/load.ts";
import type { ServerProcess } from "../support/server.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const mutations = 300;
const recoverMs = 10_000;

for (const kind of await faultKinds()) {
  const disk = mountSmallDisk(64);
  afterAll(() => disk?.unmount());
  describe(`the disk is full, ${kind.name}`, () => {
    test.skipIf(!disk)(
      "[G12] (needs to mount) writes answer 507, reads go on, and with space writes go through again, without a restart",
      async () => {
        if (!disk) return;
        const all: Figures[] = [];
        for (let round = 0; round < rounds; round++) {
          await using home = await makeHome(kind, disk);
          const { server } = home;
          const figures = await runLoad([server], { seed: seedOf(round), mutations }, async (load) => {
            const { pid } = server;
            await load.acked(load.random.int(mutations / 3));
            disk.fill();
            await whileFull(server, load);
            disk.free();
            await load.acked(load.ledger.acks.length + 20);
            expect(server.pid).toBe(pid);
          });
          all.push(figures);
        }
        report("full disk", kind.name, total(all));
      },
      roundsTimeoutMs,
    );
  });
}

interface Home extends AsyncDisposable {
  readonly server: ServerProcess;
}

/** The embedded database's folder on the disk, or a tablespace of PostgreSQL (its log stays where it was). */
async function makeHome(kind: Kind, disk: SmallDisk): Promise<Home> {
  const folder = mkdtempSync(join(disk.path, "home-"));
  const name = `small_${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const { postgres: cluster } = kind;
  const run = async (...statements: string[]) => {
    const sql = postgres(cluster?.url ?? "", { max: 1, onnotice() {} });
    for (const statement of statements) await sql.unsafe(statement);
    await sql.end();
  };
  if (cluster) {
    chmodSync(folder, 0o777);
    if (process.getuid?.() === 0) Bun.spawnSync(["chown", "postgres", folder]);
    await run(`create tablespace ${name} location '${folder}'`, `create database ${name} tablespace ${name}`);
  }
  const databaseUrl = cluster?.url.replace(/\/postgres$/, `/${name}`);
  const server = await kind.server(databaseUrl ? { databaseUrl } : { dataDir: join(folder, "data") });
  return {
    server,
    async [Symbol.asyncDispose]() {
      disk.free();
      await server.close();
      if (cluster) await run(`drop database ${name} with (force)`, `drop tablespace ${name}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function whileFull(server: ServerProcess, load: Load): Promise<void> {
  const caller = { url: server.url, token: await server.token("writer-1") };
  const projectId = load.targets[0]?.projectId;
  // Random, so that it cannot be compressed into a page that is there already.
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(15_000))).toString("base64");
  const filler = { title: "Filler", description: noise };
  // Meanwhile 503 where an engine met the full disk in the middle of a write and starts anew.
  const refusal = async () => {
    for (const startedAt = performance.now(); performance.now() - startedAt < recoverMs; ) {
      const answer = await callApi(caller, "POST", `/api/projects/${projectId}/tasks`, filler);
      if (answer.status !== 201 && answer.status !== 503) return answer;
    }
    throw new Error("the full disk is not told of");
  };
  const { status, body, headers } = await refusal();
  expect([status, body.code]).toEqual([507, "storage_full"]);
  expect(headers.get("content-type")).toStartWith("application/problem+json");
  expect(body.detail).toContain("free space");
  const client = await openClient(caller);
  const refused = client.request("task_create", { project_id: projectId, ...filler });
  expect(await refused.catch(String)).toStartWith("Refused: storage_full");

  const snapshot = await callApi(caller, "GET", `/api/projects/${projectId}/snapshot`);
  expect(snapshot.status).toBe(200);
  const joined = await client.request("join_project", { project_id: projectId });
  expect(joined.seq).toBeGreaterThan(0);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  client.close();
}
