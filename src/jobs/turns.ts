/** Which node looks at a room's news first, so that three nodes do not do what one is enough for. */
import type { Peers } from "../realtime/peers.ts";

export interface Others {
  readonly peers: Pick<Peers, "id" | "withJobs">;
  /** Does this node hear the others, and they it? */
  readonly connected: () => boolean;
}

/**
 * For a node that runs jobs. Every node that does answers the same without asking (rendezvous hashing), so each room is
 * one node's, and one that comes or goes moves no other room. While they know different nodes, a room may be of two or of
 * none for a moment: both look, or all do a while later. A node that is cut off looks at everything.
 */
export function createTurns({ peers, connected }: Others): (roomId: string) => boolean {
  const seeds = new Map<string, number>();
  const weight = (node: string, roomId: string): number => {
    let seed = seeds.get(node);
    if (seed === undefined) {
      if (seeds.size >= rememberedMax) seeds.clear();
      seed = Bun.hash.xxHash32(node);
      seeds.set(node, seed);
    }
    return Bun.hash.xxHash32(roomId, seed);
  };
  return (roomId) => {
    const others = peers.withJobs();
    if (others.size === 0 || !connected()) return true;
    const own = weight(peers.id, roomId);
    for (const node of others) {
      const theirs = weight(node, roomId);
      if (theirs > own || (theirs === own && node > peers.id)) return false;
    }
    return true;
  };
}

/** Nodes that once were there; each start of a process is one. */
const rememberedMax = 1_000;
