/** Sends inputs in batches, many at once, until there were enough; shrinks the first that goes wrong. */
import fc from "fast-check";
import type { Administration } from "./fuzz-callers.ts";
import { findDamage } from "./fuzz-check.ts";
import { type Input, inputs } from "./fuzz-inputs.ts";
import { createSender, type Sender } from "./fuzz-send.ts";
import { createWorld, type World } from "./fuzz-world.ts";

interface Server {
  readonly url: string;
}

/** In flight at once. */
const batchMax = 48;
/** Inputs between two looks at whether the world still has what inputs are about. */
const restoreEvery = 600;
/** Tries to make a failing batch smaller. */
const shrinksMax = 400;
/** Between the seeds of a world's parts: far from those of the next worlds. */
const partStep = 7_919_000;

export interface Tally {
  readonly inputs: number;
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
  const runner = createRunner(world, sender);
  const batches = fc.array(inputs, { minLength: 1, maxLength: batchMax, size: "max" });
  try {
    for (let part = 0; runner.sent < wanted; part++) {
      // Runs are batches, half as long in the mean as they may be.
      const numRuns = Math.ceil((2 * (wanted - runner.sent)) / batchMax);
      const property = fc.asyncProperty<[readonly Input[]]>(batches, runner.run);
      const outcome = await fc.check(property, { numRuns, seed: seed + part * partStep });
      if (outcome.failed) throw new Error(describe(outcome, seed));
    }
  } finally {
    sender.close();
  }
  const damage = await findDamage(world);
  if (damage.length > 0) throw new Error(`after the inputs of seed ${seed}:\n${damage.slice(0, 5).join("\n")}`);
  if ((await world.strangerDigest()) !== before)
    throw new Error(`the inputs of seed ${seed} changed a stranger's project`);
  return { inputs: runner.sent, successes: sender.successes };
}

interface Runner {
  readonly sent: number;
  /** Throws what is wrong with one of the answers. After enough failures everything passes: the last one is shown. */
  readonly run: (batch: readonly Input[]) => Promise<void>;
}

function createRunner(world: World, sender: Sender): Runner {
  let sent = 0;
  let restoredAt = 0;
  let shrinks = 0;
  return {
    get sent() {
      return sent;
    },
    async run(batch) {
      if (shrinks > shrinksMax) return;
      if (shrinks > 0) shrinks++;
      if (sent - restoredAt >= restoreEvery) {
        restoredAt = sent;
        await world.restore();
      }
      const verdicts = await Promise.all(batch.map((input) => sender.send(input)));
      sent += batch.length;
      const at = verdicts.findIndex((verdict) => verdict !== undefined);
      if (at < 0) return;
      shrinks = Math.max(1, shrinks);
      throw new Error(`${verdicts[at]}\n  input ${at} of the batch: ${JSON.stringify(batch[at]).slice(0, 2_000)}`);
    },
  };
}

function describe({ counterexample, errorInstance }: fc.RunDetails<[readonly Input[]]>, seed: number): string {
  const [batch = []] = counterexample ?? [];
  const shown = batch.slice(0, 8).map((input) => JSON.stringify(input).slice(0, 2_000));
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `seed ${seed}: ${why}\n${batch.length} inputs, shrunk:\n${shown.join("\n")}`;
}
