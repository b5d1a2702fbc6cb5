/** Ephemeral frames to connections outside of any room: to everyone, or to one connection, on whichever node they are. */
import type { Peers } from "./peers.ts";
import type { Connection } from "./transport/transport.ts";

export interface Messenger {
  /** Settles when every connection was sent it; answers how many those are, on all nodes that answered. */
  everyone(frame: string): Promise<number>;
  /** Was it sent to the connection? `unknown`: a node that may have it did not answer. */
  session(id: string, frame: string): Promise<"sent" | "absent" | "unknown">;
  /** Longer frames do not reach other nodes. */
  fits(frame: string): boolean;
}

export interface MessengerOptions {
  readonly connections: () => Iterable<Connection>;
  readonly peers: Peers;
}

/** Connections sent to in one go; between two the loop turns. */
const atOnce = 500;
/** What a broker surely carries. */
const frameMaxBytes = 7_000;
const idLength = 36;
const found = "found";
const enough = (answer: string): boolean => answer === found;

export function createMessenger({ connections, peers }: MessengerOptions): Messenger {
  const toEveryone = async (frame: string): Promise<number> => {
    let sent = 0;
    for (const connection of connections()) {
      connection.send(frame);
      if (++sent % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return sent;
  };
  const toSession = (id: string, frame: string): boolean => {
    for (const connection of connections()) {
      if (connection.id !== id) continue;
      connection.send(frame);
      return true;
    }
    return false;
  };
  peers.answers("broadcast", async (frame) => String(await toEveryone(frame)));
  // The id goes in front, for it is of fixed length.
  peers.answers("message", (text) => (toSession(text.slice(0, idLength), text.slice(idLength)) ? found : ""));

  return {
    async everyone(frame) {
      const [here, { answers }] = await Promise.all([toEveryone(frame), peers.ask("broadcast", frame)]);
      return [...answers.values()].reduce((sum, answer) => sum + Number(answer), here);
    },
    async session(id, frame) {
      if (toSession(id, frame)) return "sent";
      if (id.length !== idLength) return "absent";
      const { answers, missing, connected } = await peers.ask("message", id + frame, { enough });
      if ([...answers.values()].includes(found)) return "sent";
      return missing.length === 0 && connected ? "absent" : "unknown";
    },
    fits: (frame) => Buffer.byteLength(JSON.stringify(frame)) <= frameMaxBytes && peers.fits(frame),
  };
}
