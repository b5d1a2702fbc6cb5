/**
 * Keeps what the nodes know of people in step. Each node numbers what it says; whoever misses a number, or never heard of the
 * node, asks for all of it. Every hello says where the node stands, so that a loss is found within two seconds.
 */
import type { Clock } from "../core/clock.ts";
import type { Peers } from "./peers.ts";
import { lineOf, type PartLine, parseLine } from "./presence-parts.ts";

export interface SharingOptions {
  readonly clock: Clock;
  readonly peers: Peers;
  /** All that this node knows by its own connections. */
  readonly own: () => Iterable<PartLine>;
  /** A node says this of a person. */
  readonly apply: (node: string, line: PartLine) => void;
  /** A node says exactly this, and nothing else. */
  readonly replace: (node: string, lines: readonly PartLine[]) => void;
  /** The node stopped: whoever was connected to it is leaving. */
  readonly leave: (node: string) => void;
  /** Nobody is by this node any more. */
  readonly forget: (node: string) => void;
}

export interface Sharing {
  /** Tells the others; what comes in one tick goes together. */
  say(line: PartLine): void;
  stop(): void;
}

/** As many lines as surely fit into a cast. */
const linesAtOnce = 40;
const separator = ";";
/** Those who were connected to a node that stopped are offline after this, unless they came to another. */
const graceMs = 10_000;

/** `position`, then lines. */
interface Heard {
  readonly position: number;
  readonly lines: readonly PartLine[];
}

function read(text: string): Heard {
  const [position, ...lines] = text.split(separator);
  return { position: Number(position), lines: lines.flatMap((line) => parseLine(line) ?? []) };
}

export function createSharing(options: SharingOptions): Sharing {
  const { clock, peers } = options;
  /** Where each node stood when it was last heard without a gap. */
  const positions = new Map<string, number>();
  /** What was heard of the nodes asked, until their answer is here. */
  const early = new Map<string, Heard[]>();
  const stopped = new Map<string, () => void>();
  let position = 0;
  let waiting: PartLine[] = [];

  const flush = (): void => {
    const lines = waiting;
    waiting = [];
    for (let at = 0; at < lines.length; at += linesAtOnce) {
      const text = lines
        .slice(at, at + linesAtOnce)
        .map(lineOf)
        .join(separator);
      peers.tell("presence", `${++position}${separator}${text}`);
    }
  };

  const take = (node: string, { position: at, lines }: Heard): void => {
    if (positions.get(node) !== at - 1) return; // old, or one before it was lost: then the next hello tells
    positions.set(node, at);
    for (const line of lines) options.apply(node, line);
  };

  const fetchAll = async (node: string): Promise<void> => {
    if (early.has(node)) return;
    const since: Heard[] = [];
    early.set(node, since);
    const { answers } = await peers.ask("presence", "", { of: [node] });
    early.delete(node);
    const text = answers.get(node);
    if (text === undefined) return; // the next hello asks again
    const all = read(text);
    positions.set(node, all.position);
    options.replace(node, all.lines);
    for (const heard of since) take(node, heard);
  };

  const forget = (node: string): void => {
    stopped.get(node)?.();
    stopped.delete(node);
    positions.delete(node);
    options.forget(node);
  };

  peers.listen(
    {
      hello(node, at) {
        if (positions.get(node) !== at) void fetchAll(node);
      },
      gone(node, bye) {
        if (!bye) return forget(node);
        options.leave(node);
        stopped.set(
          node,
          clock.setTimeout(() => forget(node), graceMs),
        );
      },
    },
    () => position,
  );
  peers.heard("presence", (node, text) => {
    const heard = read(text);
    take(node, heard);
    early.get(node)?.push(heard);
  });
  peers.answers("presence", () => {
    // What still waits is in what is answered: said again, it changes nothing.
    return [position, ...[...options.own()].map(lineOf)].join(separator);
  });

  return {
    say(line) {
      if (waiting.push(line) === 1) queueMicrotask(flush);
    },
    stop() {
      for (const cancel of stopped.values()) cancel();
    },
  };
}
