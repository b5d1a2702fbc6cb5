/**
 * Clients against a simulated server and network: frames and answers are late, lost or double, connections break or fall
 * silent, servers restart, logs are trimmed, pages reload, people write offline. Time is a clock that the test moves. In
 * the end every window shows what the server has, no write is lost and none is applied twice. FAULT_ROUNDS plays a hundred seeds
 * each, FAULT_SEED begins with another, FAULT_TRACE says what every window sends, hears and decides.
 */
import { expect, test } from "bun:test";
import { play } from "./simulation/world.ts";

const seeds = Number(process.env.FAULT_ROUNDS ?? 0) * 100 || 100;
const first = Number(process.env.FAULT_SEED ?? 1);

test(`[S6] whatever happens, every window ends with the server's state: ${seeds} seeds`, async () => {
  let writes = 0;
  let conflicts = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const run = await play(seed);
    if (run.wrong.length > 0) throw new Error(`seed ${seed}:\n${run.wrong.join("\n")}`);
    writes += run.writes;
    conflicts += run.conflicts;
  }
  expect(writes).toBeGreaterThan(seeds * 20);
  expect(conflicts).toBeGreaterThan(0);
}, 3_600_000);
