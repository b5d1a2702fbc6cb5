/** The simulated server behind a simulated network: frames take time, get lost, come twice; connections break, or fall silent. */
import type { SocketConstructor, SocketLike } from "../../../src/client/index.ts";
import type { MovableClock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { answerHttp } from "./http.ts";
import { createLog, type Input, type Outcome, room } from "./log.ts";

/** Small, so that coming back takes several pages. */
const pageEvents = 5;

interface Connection {
  readonly user: string;
  /** The last event it was sent; undefined where it hears nothing of the project. */
  heard: number | undefined;
  /** Sends a frame, some time later, in order. */
  send(frame: object): void;
  close(code: number): void;
}

type Listener = (event: { data: string; code: number; reason: string }) => void;

export function createSimulation(clock: MovableClock, random: Random) {
  const log = createLog();
  const connections = new Set<Connection>();
  const faults = { frames: true };

  /** Delivers in the order of asking, each a while after the other. */
  const createPipe = () => {
    let freeAt = clock.now();
    return (run: () => void): void => {
      freeAt = Math.max(freeAt, clock.now()) + 1 + random.int(120);
      clock.setTimeout(run, freeAt - clock.now());
    };
  };

  const publish = (): void => {
    for (const connection of connections) {
      if (connection.heard === undefined) continue;
      for (const event of log.events.slice(connection.heard)) {
        // What is lost here makes a gap, what comes twice is to be dropped.
        if (faults.frames && random.chance(0.03)) continue;
        connection.send(event);
        if (faults.frames && random.chance(0.05)) connection.send(event);
      }
      connection.heard = log.head();
    }
  };

  const join = (connection: Connection, since: { epoch: string; seq: number } | undefined): Input => {
    const { epoch, trimmed } = log.state;
    const recovered = since?.epoch === epoch && since.seq >= trimmed && since.seq <= log.head();
    const events = recovered ? log.events.slice(since.seq, since.seq + pageEvents) : [];
    const seq = recovered ? since.seq + events.length : log.head();
    const more = seq < log.head();
    connection.heard = more ? undefined : seq;
    return { room, epoch, seq, head: log.head(), recovered, events, more, presence: [] };
  };

  const answer = (connection: Connection, event: string, data: Input): Outcome => {
    if (log.isWrite(event)) {
      if (faults.frames && random.chance(0.04))
        return { error: { code: random.pick(["rate_limited", "unavailable"]) } };
      const outcome = log.write(event, data, connection.user);
      publish();
      return outcome;
    }
    if (event === "join_project")
      return { data: join(connection, data.since as { epoch: string; seq: number } | undefined) };
    return {
      data: event === "resume_user" ? { ...userRoom(connection.user), recovered: true, events: [], more: false } : {},
    };
  };
  const userRoom = (user: string) => ({ room: `user:${user}`, epoch: "u", seq: 0 });

  /** A client's way to the server; `cut` breaks it, at once or so that nothing is heard any more. */
  const createNetwork = (user: string) => {
    const network = { up: true };
    const mine = new Set<{ fail: (silently: boolean) => void }>();

    class Socket implements SocketLike {
      readonly #listeners = new Map<string, Listener[]>();
      readonly #toServer = createPipe();
      readonly #toClient = createPipe();
      readonly #self: Connection;
      readonly #link: { fail: (silently: boolean) => void };
      #broken = false;

      constructor() {
        this.#self = {
          user,
          heard: undefined,
          send: (frame) => this.#toClient(() => this.#emit("message", { data: JSON.stringify(frame) })),
          close: (code) => this.#toClient(() => this.#end(code)),
        };
        this.#link = { fail: (silently) => this.#fail(silently) };
        mine.add(this.#link);
        if (!network.up) clock.setTimeout(() => this.#end(1006), 5 + random.int(50));
        else this.#toServer(() => this.#open());
      }
      #open(): void {
        if (this.#broken) return;
        connections.add(this.#self);
        const me = { id: user, name: user, avatar_url: null, role: "user", time_zone: "UTC", locale: "en" };
        const data = { session_id: "s", user: me, server_time: "", version: "", protocol: 1, heartbeat_seconds: 25 };
        this.#self.send({ event: "connected", at: "", data: { ...data, user_room: userRoom(user) } });
      }
      #emit(type: string, event: Partial<Parameters<Listener>[0]>): void {
        if (this.#broken) return;
        for (const listener of this.#listeners.get(type) ?? []) listener({ data: "", code: 0, reason: "", ...event });
      }
      #end(code: number): void {
        this.#emit("close", { code });
        this.#broken = true;
        connections.delete(this.#self);
        mine.delete(this.#link);
      }
      /** What is on its way is lost. A silent break is found by nobody but who asks. */
      #fail(silently: boolean): void {
        connections.delete(this.#self);
        if (silently) {
          this.#broken = true;
          mine.delete(this.#link);
        } else this.#end(1006);
      }
      addEventListener(type: string, listener: (event: never) => void): void {
        this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener as Listener]);
      }
      send(text: string): void {
        this.#toServer(() => {
          if (this.#broken || !connections.has(this.#self)) return;
          const { id, event, data } = JSON.parse(text);
          const outcome = answer(this.#self, event, data);
          const failed = "error" in outcome && { ...outcome.error, message: "", retry_after: 0.2 };
          this.#self.send(failed ? { id, ok: false, error: failed } : { id, ok: true, ...outcome });
        });
      }
      close(): void {
        this.#broken = true;
        connections.delete(this.#self);
        mine.delete(this.#link);
      }
    }

    const travel = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const arrive = () => (network.up ? resolve() : reject(new TypeError("no network")));
        clock.setTimeout(arrive, 1 + random.int(150));
      });
    return {
      network,
      WebSocket: Socket satisfies SocketConstructor,
      async fetch(url: string, init: RequestInit): Promise<Response> {
        await travel();
        if (faults.frames && random.chance(0.05)) return Response.json({ code: "unavailable" }, { status: 503 });
        const response = answerHttp(log, user, url, init);
        publish();
        await travel();
        return response;
      },
      cut(silently: boolean): void {
        network.up = false;
        for (const { fail } of [...mine]) fail(silently);
      },
      mend(): void {
        network.up = true;
      },
    };
  };

  return {
    log,
    faults,
    createNetwork,
    publish,
    /** Every connection ends; what was not answered is not answered. */
    restart(): void {
      for (const connection of [...connections]) {
        connections.delete(connection);
        connection.close(1012);
      }
    },
    /** The log is cut so that no client can come back by it, or is another one. */
    forget(epoch: boolean): void {
      log.state.trimmed = log.head();
      if (!epoch) return;
      log.state.epoch += "x";
      this.restart();
    },
  };
}
export type Simulation = ReturnType<typeof createSimulation>;
