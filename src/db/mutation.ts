import type { Mutation } from "./context.ts";

/**
 * The key of a write with a hash of what was asked: the verb's name and its parsed body (without `mutation_id`).
 * xxHash64 tells a retry from a key used twice by mistake; it defends against nothing.
 */
export function createMutation(verb: string, id: string | undefined, body: unknown): Mutation | undefined {
  if (id === undefined) return undefined;
  return { id, hash: BigInt.asIntN(64, Bun.hash.xxHash64(`${verb} ${JSON.stringify(body)}`)) };
}
