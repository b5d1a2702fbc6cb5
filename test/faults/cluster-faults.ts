/** What goes wrong between three nodes, nginx, PostgreSQL and Redis; drawn from the round's randomness. */
import type { Cluster, ClusterNode } from "../support/cluster.ts";
import type { LinkState, NetworkLink } from "../support/network.ts";
import type { Random } from "../support/random.ts";
import { type ClusterFault, isLong } from "./cluster-load.ts";

const killsEach = isLong ? 10 : 2;

export const drawKills = (cluster: Cluster, random: Random): ClusterFault[] =>
  Array.from({ length: killsEach }, () => {
    const node = random.pick(cluster.nodes);
    return {
      name: `kill -9 of ${nameOf(cluster, node)}`,
      begin: () => node.server.kill("SIGKILL"),
      end: () => node.server.start(),
      lastsMs: 0,
      serving: cluster.nodes.filter((other) => other !== node),
      reachable: true,
    };
  });

/** One after the other, each when the one before is back. */
export const drawRestarts = ({ nodes }: Cluster): ClusterFault[] =>
  nodes.map((node, index) => ({
    name: `restart of node ${index}`,
    begin: () => node.server.kill("SIGTERM"),
    end: () => node.server.start(),
    lastsMs: 0,
    serving: nodes.filter((other) => other !== node),
    reachable: true,
  }));

/** One of each kind that this cluster can have. */
export function drawCuts(cluster: Cluster, random: Random, seed: number): ClusterFault[] {
  const { redis, nodes } = cluster;
  // Round after round each link goes through all of them.
  const stateOf = (link: number): LinkState => states[(seed + 2 * link) % states.length] ?? "both";
  const faults = [
    cutFront(cluster, random, stateOf(0)),
    cutDatabase(cluster, random, stateOf(1)),
    restartPostgres(cluster),
  ];
  if (redis) {
    const cut = random.pick(nodes);
    if (cut.redis)
      faults.push({ ...cutOf(cluster, cut, "redis", stateOf(2), cut.redis, random), serving: nodes, reachable: true });
    const all = { serving: nodes, reachable: true };
    const pause = async () => redis.pause();
    const resume = async () => redis.resume();
    faults.push({ name: "Redis stands still", begin: pause, end: resume, lastsMs: lasts(random), ...all });
    faults.push({ name: "Redis is killed", begin: redis.kill, end: redis.restart, lastsMs: lasts(random), ...all });
  }
  return faults.toSorted(() => random.int(3) - 1);
}

const states = ["cut", "up", "down", "both", "half_open_near", "half_open_far"] as const;
const lasts = (random: Random): number => 300 + random.int(1_500);
const nameOf = ({ nodes }: Cluster, node: ClusterNode): string => `node ${nodes.indexOf(node)}`;

/** The nodes are well. Whoever is held up by the link waits for it; all others find another way. */
function cutFront(cluster: Cluster, random: Random, state: LinkState): ClusterFault {
  const node = random.pick(cluster.nodes);
  const reachable = state === "cut" || state.startsWith("half");
  return { ...cutOf(cluster, node, "nginx", state, node.front, random), serving: cluster.nodes, reachable };
}

/** Its clients are told `unavailable`, or find the database again over a new connection. */
function cutDatabase(cluster: Cluster, random: Random, state: LinkState): ClusterFault {
  const node = random.pick(cluster.nodes);
  const reachable = state.startsWith("half");
  const serving = reachable ? cluster.nodes : cluster.nodes.filter((other) => other !== node);
  return { ...cutOf(cluster, node, "PostgreSQL", state, node.database, random), serving, reachable };
}

function cutOf(cluster: Cluster, node: ClusterNode, peer: string, state: LinkState, link: NetworkLink, random: Random) {
  return {
    name: `${nameOf(cluster, node)} and ${peer}: ${state}`,
    begin: () => link.set(state),
    end: () => link.set("well"),
    lastsMs: lasts(random),
  };
}

const restartPostgres = ({ postgres }: Cluster): ClusterFault => ({
  name: "PostgreSQL restarts",
  begin: postgres.kill,
  end: postgres.restart,
  lastsMs: 0,
  serving: [],
  reachable: false,
});
