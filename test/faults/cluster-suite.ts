/** What three nodes behind nginx go through, whoever wakes them. */
import { afterAll, describe, expect, test } from "bun:test";
import { type Cluster, type ClusterBroker, startCluster } from "../support/cluster.ts";
import { drawCuts, drawKills, drawRestarts } from "./cluster-faults.ts";
import { clients, clusterRounds, type Draw, isLong, type Round, type RoundResult, runRound } from "./cluster-load.ts";
import { removeEverywhere } from "./cluster-removal.ts";
import { report, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

/** Everybody is live again and hears what is written at any node within …, of those that a fault leaves alone from its beginning. */
const healMs = 5_000;
const resumeMs = 1_000;
const removedMs = 1_000;

type Course = Pick<Round, "flaps" | "mutations" | "paceMs">;

/** Call it once a file: the cluster is the file's own. */
export async function describeCluster(broker: ClusterBroker): Promise<void> {
  const cluster = await startCluster(broker);
  afterAll(() => cluster?.stop());
  describe.if(cluster !== undefined)(`three nodes behind nginx, woken by ${broker}`, () => {
    const run = async (name: string, draw: Draw, course: Course): Promise<RoundResult> => {
      if (!cluster) throw new Error("there is no cluster");
      const result = await runRounds(cluster, name.replaceAll(" ", "-"), draw, course);
      const { figures, healsMs, meanwhileMs, faults } = result;
      const times = { heal_max_ms: Math.max(...healsMs), meanwhile_max_ms: Math.max(0, ...meanwhileMs) };
      report(`three nodes, ${name}`, nameOf(broker), figures, { rounds: clusterRounds, clients, faults, ...times });
      expect(times.heal_max_ms).toBeLessThan(healMs);
      expect(times.meanwhile_max_ms).toBeLessThan(healMs);
      return result;
    };

    test(
      "[S6] nodes are killed: nothing acknowledged is lost, everybody resumes at another node, one order for all",
      async () => {
        await run("kill -9", drawKills, { flaps: true, mutations: isLong ? 100_000 : 1_000 });
      },
      roundsTimeoutMs,
    );

    test(
      "[S6] links are cut, one way, both ways and half open, the database restarts, Redis stops: the same",
      async () => {
        await run("cut off", drawCuts, { flaps: true, mutations: isLong ? 20_000 : 1_000 });
      },
      roundsTimeoutMs,
    );

    test(
      "[S9] nodes are restarted one after the other: clients resume within a second",
      async () => {
        const { figures } = await run("rolling restart", drawRestarts, {
          flaps: false,
          // Time is measured here: the load is one that two cores carry.
          ...(isLong ? { mutations: 5_000, paceMs: 500 } : { mutations: 1_000 }),
        });
        expect(figures.resumeP99Ms).toBeLessThan(resumeMs);
      },
      roundsTimeoutMs,
    );

    test(
      "[S10] a member removed at one node hears nothing behind it at the others, and project_left within a second",
      async () => {
        if (!cluster) return;
        const { acked, ...counts } = await removeEverywhere(cluster, clusterRounds * 10);
        const none = { refused: 0, lost: 0, duplicate: 0, gap: 0, outOfOrder: 0, diverged: 0, resumeP99Ms: 0 };
        const more = { rounds: clusterRounds, ...counts };
        report("three nodes, a member removed", nameOf(broker), { acked, ...none }, more);
        expect([counts.heard_after, counts.left_max_ms < removedMs]).toEqual([0, true]);
      },
      roundsTimeoutMs,
    );
  });
}

const nameOf = (broker: ClusterBroker): string => (broker === "redis" ? "postgres, redis" : broker);

async function runRounds(cluster: Cluster, name: string, draw: Draw, course: Course): Promise<RoundResult> {
  const results: RoundResult[] = [];
  for (let round = 0; round < clusterRounds; round++)
    results.push(await runRound(cluster, { name, seed: seedOf(round), ...course }, draw));
  return {
    figures: total(results.map(({ figures }) => figures)),
    healsMs: results.flatMap(({ healsMs }) => healsMs),
    meanwhileMs: results.flatMap(({ meanwhileMs }) => meanwhileMs),
    faults: results.reduce((sum, { faults }) => sum + faults, 0),
  };
}
