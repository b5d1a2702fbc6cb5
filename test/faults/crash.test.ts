import { describe, expect, test } from "bun:test";
import { type Figures, runLoad } from "../support/load.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

const mutations = 400;

for (const kind of await faultKinds()) {
  describe(`the server is killed under load, ${kind.name}`, () => {
    test(
      "[G1] nothing acknowledged is lost, doubled or out of order, and everybody sees the same",
      async () => {
        const figures = await killUnderLoad(kind, 2, false);
        report("kill -9", kind.name, figures);
        expect(figures.acked + figures.refused).toBe(rounds * mutations);
        expect(figures.acked).toBeGreaterThan(0.8 * rounds * mutations);
      },
      roundsTimeoutMs,
    );

    test(
      "[G5] writes whose first answers were all lost apply once",
      async () => {
        const figures = await killUnderLoad(kind, 1, true);
        report("kill -9, every answer dropped once", kind.name, figures);
        expect(figures.acked + figures.refused).toBe(rounds * mutations);
        expect(figures.acked).toBeGreaterThan(0.8 * rounds * mutations);
      },
      roundsTimeoutMs,
    );
  });
}

/** Each round writes to new projects on the same data. */
async function killUnderLoad(kind: Kind, kills: number, dropFirstAnswers: boolean): Promise<Figures> {
  await using server = await kind.server();
  const all: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    const options = { seed: seedOf(round), mutations, dropFirstAnswers };
    const figures = await runLoad([server], options, async (load) => {
      for (let kill = 0; kill < kills; kill++) {
        await load.acked(Math.floor((mutations / kills) * (kill + (0.9 * load.random.int(100)) / 100)));
        await Bun.sleep(load.random.int(25)); // anywhere between two acknowledgements
        await server.kill("SIGKILL");
        await server.start();
      }
    });
    all.push(figures);
  }
  return total(all);
}
