import type { Ctx, Mutation } from "./context.ts";

/**
 * The key of a write with a hash of what was asked: the verb's name and its parsed body (without `mutation_id`).
 * xxHash64 tells a retry from a key used twice by mistake; it defends against nothing.
 */
export function createMutation(verb: string, id: string | undefined, body: unknown): Mutation | undefined {
  if (id === undefined) return undefined;
  return { id, hash: BigInt.asIntN(64, Bun.hash.xxHash64(`${verb} ${JSON.stringify(body)}`)) };
}

/** The ctx of one write: `input` without its `mutation_id` is what a retry must repeat. */
export function withMutation<C extends Ctx, Input extends { mutation_id?: string | undefined }>(
  ctx: C,
  verb: string,
  input: Input,
): C {
  if (input.mutation_id === undefined) return ctx;
  const { mutation_id, ...body } = input;
  return { ...ctx, mutation: createMutation(verb, mutation_id, body) };
}
