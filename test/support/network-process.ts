/**
 * TCP links that can be cut, as a process of its own so that its work is not the load's. It prints the address of its
 * control on standard output; `network.ts` speaks to it.
 *
 * A link leads from whoever connects (near) to its target (far). What is held by `up` (near → far), `down` or `both` is
 * not lost but late, as TCP has it: it arrives when the link is `well` again. `half_open_near`: the far ends are gone,
 * and the near ones never hear of it; `half_open_far` the other way round. Such connections stay dead; new ones are well.
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { z } from "zod";

export const LinkState = z.enum(["well", "cut", "up", "down", "both", "half_open_near", "half_open_far"]);
export type LinkState = z.infer<typeof LinkState>;
export const OpenBody = z.object({ host: z.string(), port: z.number() });
export const SetBody = z.object({ port: z.number(), state: LinkState });

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** One side was left behind and hears nothing any more. */
  abandoned: boolean;
}

interface Link {
  readonly server: Server;
  readonly pairs: Set<Pair>;
  state: LinkState;
}

const links = new Map<number, Link>();

function flow(from: Socket, to: Socket, flows: boolean): void {
  from.unpipe(to); // piped twice, everything would arrive twice
  if (flows) from.pipe(to);
  else from.pause();
}

function apply({ near, far, abandoned }: Pair, state: LinkState): void {
  if (abandoned) return;
  flow(near, far, state !== "up" && state !== "both");
  flow(far, near, state !== "down" && state !== "both");
}

/** `kept` stays open and is heard by nobody. */
function abandon(pair: Pair, kept: Socket, gone: Socket): void {
  pair.abandoned = true;
  kept.unpipe(gone);
  gone.unpipe(kept);
  gone.resetAndDestroy();
  kept.resume();
}

function accept(link: Link, near: Socket, target: z.infer<typeof OpenBody>): void {
  if (link.state === "cut") {
    near.on("error", () => {});
    near.resetAndDestroy();
    return;
  }
  const far = createConnection(target);
  const pair: Pair = { near, far, abandoned: false };
  link.pairs.add(pair);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.setNoDelay(true);
    one.on("error", () => one.destroy());
    one.on("close", () => {
      if (pair.abandoned && one.destroyed && !other.destroyed) return;
      other.destroy();
      link.pairs.delete(pair);
    });
  }
  apply(pair, link.state);
}

function set(link: Link, state: LinkState): void {
  const pairs = [...link.pairs].filter(({ abandoned }) => !abandoned);
  if (state === "cut") {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  } else if (state === "half_open_near") for (const pair of pairs) abandon(pair, pair.near, pair.far);
  else if (state === "half_open_far") for (const pair of pairs) abandon(pair, pair.far, pair.near);
  else for (const pair of pairs) apply(pair, state);
  link.state = state;
}

async function open(target: z.infer<typeof OpenBody>): Promise<number> {
  const server = createServer();
  const link: Link = { server, pairs: new Set(), state: "well" };
  server.on("connection", (near: Socket) => accept(link, near, target));
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP listener has a port");
  links.set(address.port, link);
  return address.port;
}

const control = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/open": { POST: async (request) => Response.json({ port: await open(OpenBody.parse(await request.json())) }) },
    "/set": {
      async POST(request) {
        const { port, state } = SetBody.parse(await request.json());
        const link = links.get(port);
        if (!link) return new Response("no such link", { status: 404 });
        set(link, state);
        return new Response();
      },
    },
  },
});
console.log(`${control.url}`);
