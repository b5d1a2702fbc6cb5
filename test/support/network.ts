/** TCP links between real processes that a test can cut in every way a network can; Linux needs no privileges for it. */
import { z } from "zod";
import type { LinkState, OpenBody, SetBody } from "./network-process.ts";
import { pathOf } from "./repository.ts";

export type { LinkState } from "./network-process.ts";

export interface Network {
  /** A link to a listener of this machine; `set` says how it is from now on (see network-process.ts). */
  open(port: number): Promise<NetworkLink>;
  stop(): Promise<void>;
}

export interface NetworkLink {
  /** Of 127.0.0.1; whoever connects here speaks to the target. */
  readonly port: number;
  set(state: LinkState): Promise<void>;
}

const Opened = z.object({ port: z.number() });

/** Starts the process that carries the links. */
export async function startNetwork(): Promise<Network> {
  const carrier = Bun.spawn([process.execPath, "--no-env-file", pathOf("test/support/network-process.ts")], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const killAtExit = () => carrier.kill("SIGKILL");
  process.on("exit", killAtExit);
  const said = await carrier.stdout.getReader().read();
  const url = new TextDecoder().decode(said.value).trim();
  const ask = async (path: string, body: object): Promise<Response> => {
    const answer = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the network refused ${path}: ${await answer.text()}`);
    return answer;
  };
  return {
    async open(target) {
      const answer = await ask("open", { host: "127.0.0.1", port: target } satisfies z.infer<typeof OpenBody>);
      const { port } = Opened.parse(await answer.json());
      return {
        port,
        async set(state) {
          await ask("set", { port, state } satisfies z.infer<typeof SetBody>);
        },
      };
    },
    async stop() {
      process.off("exit", killAtExit);
      carrier.kill("SIGKILL");
      await carrier.exited;
    },
  };
}
