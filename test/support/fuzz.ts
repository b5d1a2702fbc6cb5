/** Sends inputs in batches, many at once, until there were enough; shrinks the first that goes wrong. */
import fc from "fast-check";
import { findDamage } from "./fuzz-check.ts";
import { type Input, inputs } from "./fuzz-inputs.ts";
import { createSender } from "./fuzz-send.ts";
import { type Administration, createWorld } from "./fuzz-world.ts";

interface Server {
  readonly url: string;
}

/** In flight at once. */
const batchMax = 48;
/** Inputs between two looks at whether the world still has what inputs are about. */
const restoreEvery = 600;
/** Tries to make a failing batch smaller. */
const shrinksMax = 400;

export interface Tally {
  readonly inputs: number;
  /** By kind. */
  readonly kinds: ReadonlyMap<Input["kind"], number>;
  /** Of endpoints and frames, by name. */
  readonly successes: ReadonlyMap<string, number>;
}

export interface FuzzOptions {
  readonly wanted: number;
  readonly seed: number;
  /** With which the host application signs its tokens. */
  readonly hostSecret: string;
}

/**
 * Sends at least `wanted` inputs about one world. Throws what went wrong with the inputs it takes, shrunk, and the seed;
 * or what is not whole afterwards.
 */
export async function fuzzWorld(server: Server, administration: Administration, options: FuzzOptions): Promise<Tally> {
  const { wanted, seed, hostSecret } = options;
  const world = await createWorld(server, administration);
  const before = await world.strangerDigest();
  const sender = createSender(world, hostSecret);
  const kinds = new Map<Input["kind"], number>();
  let sent = 0;
  let restoredAt = 0;
  let shrinks = 0;

  const run = async (batch: readonly Input[]): Promise<void> => {
    if (shrinks > shrinksMax) return;
    if (shrinks > 0) shrinks++;
    if (sent - restoredAt >= restoreEvery) {
      restoredAt = sent;
      await world.restore();
    }
    const verdicts = await Promise.all(batch.map((input) => sender.send(input)));
    sent += batch.length;
    for (const { kind } of batch) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const at = verdicts.findIndex((verdict) => verdict !== undefined);
    if (at < 0) return;
    shrinks = Math.max(1, shrinks);
    throw new Error(`${verdicts[at]}\n  input ${at} of the batch: ${JSON.stringify(batch[at]).slice(0, 2_000)}`);
  };
  const batches = fc.array(inputs, { minLength: 1, maxLength: batchMax, size: "max" });
  try {
    for (let part = 0; sent < wanted; part++) {
      // Twice the mean length of a batch more than is needed, for the runs count batches.
      const numRuns = Math.ceil((2 * (wanted - sent)) / batchMax);
      const outcome = await fc.check(fc.asyncProperty<[readonly Input[]]>(batches, run), {
        numRuns,
        seed: seed + part * 7_919,
      });
      if (outcome.failed) throw new Error(describe(outcome, seed));
    }
  } finally {
    sender.close();
  }
  const damage = await findDamage(world);
  if (damage.length > 0) throw new Error(`after the inputs of seed ${seed}:\n${damage.slice(0, 5).join("\n")}`);
  if ((await world.strangerDigest()) !== before)
    throw new Error(`the inputs of seed ${seed} changed a stranger's project`);
  return { inputs: sent, kinds, successes: sender.successes };
}

function describe({ counterexample, errorInstance }: fc.RunDetails<[readonly Input[]]>, seed: number): string {
  const [batch = []] = counterexample ?? [];
  const shown = batch.slice(0, 8).map((input) => JSON.stringify(input).slice(0, 2_000));
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `seed ${seed}: ${why}\n${batch.length} inputs, shrunk:\n${shown.join("\n")}`;
}
