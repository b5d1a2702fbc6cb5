/** A TCP link to a server that a test can cut and mend: what a client sees of a bad network. */
import type { Socket } from "bun";

export interface Link {
  /** `http://127.0.0.1:PORT` of this end. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  /** From now on what the server says gets lost, while it goes on hearing; `cut` and `mend` end it. */
  deafen(): void;
  stop(): void;
}

interface Pair {
  far: Socket<Pair> | undefined;
  near: Socket<Pair> | undefined;
  /** What the client sent before the server was reached. */
  early: Buffer[];
}

/** Answers a link to the server at `target` (`http://HOST:PORT`). */
export function createLink(target: string): Link {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Pair>();
  let isCut = false;
  let isDeaf = false;

  const end = (pair: Pair): void => {
    pairs.delete(pair);
    pair.near?.terminate();
    pair.far?.terminate();
  };

  const connect = async (pair: Pair): Promise<void> => {
    try {
      pair.far = await Bun.connect<Pair>({
        hostname,
        port: Number(port),
        data: pair,
        socket: {
          data(_, bytes) {
            if (!isDeaf) pair.near?.write(bytes);
          },
          close: () => end(pair),
          error: () => end(pair),
        },
      });
      for (const bytes of pair.early) pair.far.write(bytes);
      pair.early = [];
    } catch {
      end(pair);
    }
  };

  const listener = Bun.listen<Pair>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(near) {
        const pair: Pair = { near, far: undefined, early: [] };
        near.data = pair;
        if (isCut) {
          near.terminate();
          return;
        }
        pairs.add(pair);
        void connect(pair);
      },
      data({ data: pair }, bytes) {
        if (pair.far) pair.far.write(bytes);
        else pair.early.push(Buffer.from(bytes));
      },
      close: ({ data: pair }) => end(pair),
      error: ({ data: pair }) => end(pair),
    },
  });

  return {
    url: `http://127.0.0.1:${listener.port}`,
    cut() {
      isCut = true;
      isDeaf = false;
      for (const pair of [...pairs]) end(pair);
    },
    mend() {
      isCut = false;
    },
    deafen() {
      isDeaf = true;
    },
    stop() {
      for (const pair of [...pairs]) end(pair);
      listener.stop(true);
    },
  };
}
