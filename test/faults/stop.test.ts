import { describe, expect, test } from "bun:test";
import { openClient } from "../support/contract-client.ts";
import { type Figures, runLoad } from "../support/load.ts";
import { faultKinds, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const mutations = 400;
const stopMs = 5_000;
const bystanders = 20;

for (const kind of await faultKinds()) {
  describe(`the server is stopped under load, ${kind.name}`, () => {
    test(
      "[S9] SIGTERM closes every socket with 1012, exits 0 within 5 s, and clients resume after the start",
      async () => {
        await using server = await kind.server();
        const all: Figures[] = [];
        const stopsMs: number[] = [];
        for (let round = 0; round < rounds; round++) {
          const figures = await runLoad([server], { seed: seedOf(round), mutations }, async (load) => {
            const token = await server.token("writer-1");
            const projectId = load.targets[0]?.projectId;
            const clients = await Promise.all(
              Array.from({ length: bystanders }, () => openClient({ url: server.url, token })),
            );
            for (const client of clients) await client.request("join_project", { project_id: projectId });
            await load.acked(load.random.int(mutations / 2));
            const startedAt = performance.now();
            expect(await server.kill("SIGTERM")).toBe(0);
            stopsMs.push(Math.round(performance.now() - startedAt));
            const codes = await Promise.all(clients.map(({ closed }) => closed));
            expect(codes.map(({ code }) => code)).toEqual(clients.map(() => 1012));
            await server.start();
          });
          all.push(figures);
        }
        report("SIGTERM", kind.name, total(all), { stop_max_ms: Math.max(...stopsMs) });
        expect(Math.max(...stopsMs)).toBeLessThan(stopMs);
      },
      roundsTimeoutMs,
    );
  });
}
