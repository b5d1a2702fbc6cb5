import { describe, expect, test } from "bun:test";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { clientFrames } from "../../src/protocol/frames.ts";
import { hostSecret } from "../support/app.ts";
import { fuzzWorld } from "../support/fuzz.ts";
import { makeAdministration } from "../support/fuzz-callers.ts";
import type { ServerProcess } from "../support/server.ts";
import { faultKinds, reportInputs, rounds, seedOf } from "./rounds.ts";

/** 20,000 in a test run; `bun run test:faults` has a million of 100 rounds. */
const inputsWanted = Number(process.env.FUZZ_INPUTS ?? (process.env.FAULT_ROUNDS ? rounds * 10_000 : 20_000));
/** Then people, projects and what they hold are new: inputs use up what they are about. */
const inputsAWorld = 5_000;
/** Far below what a laptop does. */
const inputsASecond = 50;
const timeoutMs = 120_000 + (inputsWanted / inputsASecond) * 1_000;
/** Beyond signing in and hearing, a run of thousands must have done nearly all that can be done. */
const untouchedMax = 8;
const isLongEnough = (inputs: number): boolean => inputs >= 20_000;
/** Some succeed once or twice in so many: a run in which chance left them out goes on, up to so many times its length. */
const longerMax = 3;
const names: readonly string[] = [...Object.keys(endpoints), ...Object.keys(clientFrames)];

const all = await faultKinds();
// A short run is for the embedded database; a long one is shared.
const kinds = inputsWanted > 50_000 ? all : all.slice(0, 1);

for (const kind of kinds) {
  describe(`inputs of every kind, ${kind.name}`, () => {
    test(
      "[G13] every body, query, frame, token and byte is answered as documented, by a server that lives and keeps its data",
      async () => {
        await using server = await kind.server({ env: { AUTH_SECRET: "a secret of the server, not of its host" } });
        const { sent, successes, startedAtMs } = await fuzz(server, inputsWanted / kinds.length);
        expect(complaintsOf(server)).toEqual([]);
        if (isLongEnough(sent)) expect(untouchedBy(successes).slice(untouchedMax)).toEqual([]);
        const perSecond = Math.round(sent / ((performance.now() - startedAtMs) / 1_000));
        reportInputs(kind.name, { inputs: sent, crashes: 0, answers_5xx: 0, per_second: perSecond });
      },
      timeoutMs,
    );
  });
}

async function fuzz(server: ServerProcess, wanted: number) {
  const startedAtMs = performance.now();
  const administration = await makeAdministration(server);
  const successes = new Set<string>();
  let sent = 0;
  const leavesOut = (): boolean => isLongEnough(sent) && untouchedBy(successes).length > untouchedMax;
  for (let world = 0; sent < wanted || (leavesOut() && sent < longerMax * wanted); world++) {
    const most = sent < wanted ? Math.min(inputsAWorld, wanted - sent) : inputsAWorld;
    const tally = await fuzzWorld(server, administration, { wanted: most, seed: seedOf(world), hostSecret });
    for (const name of tally.successes.keys()) successes.add(name);
    sent += tally.inputs;
  }
  return { sent, successes, startedAtMs };
}

const untouchedBy = (successes: ReadonlySet<string>): string[] => names.filter((name) => !successes.has(name));

/** What the server wrote to its log as an error of its own. */
const complaintsOf = (server: ServerProcess): string[] =>
  server
    .output()
    .split("\n")
    .filter((line) => /"level":"?(?:error|fatal|50|60)/.test(line));
