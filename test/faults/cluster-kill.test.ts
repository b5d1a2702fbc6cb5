/** Three nodes behind nginx; nodes are killed in the middle of writing. */
import { afterAll, describe, expect, test } from "bun:test";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { Random } from "../support/random.ts";
import { type ClusterFault, clusterRounds, healMs, runRound } from "./cluster-load.ts";
import { report, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const kills = clusterRounds === 1 ? 3 : 1;

for (const broker of ["postgres"] as const) {
  const cluster = await startCluster(broker);
  afterAll(() => cluster?.stop());
  describe.if(cluster !== undefined)(`three nodes behind nginx, woken by ${broker}`, () => {
    test(
      "[S6] nodes are killed: nothing acknowledged is lost, everybody resumes at another node, one order for all",
      async () => {
        if (!cluster) return;
        const results = [];
        for (let round = 0; round < clusterRounds; round++)
          results.push(await runRound(cluster, seedOf(round), (random) => drawKills(cluster, random)));
        const heal_max_ms = Math.max(...results.flatMap(({ healsMs }) => healsMs));
        const figures = total(results.map((result) => result.figures));
        report("three nodes, kill -9", broker, figures, {
          rounds: clusterRounds,
          kills: kills * clusterRounds,
          heal_max_ms,
        });
        expect(heal_max_ms).toBeLessThan(healMs);
      },
      roundsTimeoutMs,
    );
  });
}

function drawKills(cluster: Cluster, random: Random): ClusterFault[] {
  return Array.from({ length: kills }, () => {
    const node = random.pick(cluster.nodes);
    return {
      name: `kill -9 ${node.server.url}`,
      begin: async () => void (await node.server.kill("SIGKILL")),
      end: () => node.server.start(),
      lastsMs: 0,
      serving: cluster.nodes.filter((other) => other !== node),
      reachable: true,
    };
  });
}
