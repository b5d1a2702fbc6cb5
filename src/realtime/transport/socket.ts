/** One client's socket. An idle one must cost little: plain fields, no timer, no closure, a queue only once it spoke. */
import type { Actor } from "../../db/context.ts";
import { closeCodes } from "../../protocol/errors.ts";
import { type RoomName, roomKind } from "../../protocol/rooms.ts";
import { protocolVersion } from "../../protocol/version.ts";
import { encodeFrame } from "../log.ts";
import type { Relay } from "../relay.ts";
import { isHeld } from "../rights.ts";
import type { Identity } from "./authenticator.ts";
import type { Metered } from "./frame-limit.ts";
import type { FrameQueue } from "./frame-queue.ts";
import type { SocketFrame } from "./frame-text.ts";
import { type Beating, nowhere } from "./heartbeat.ts";
import type { Connection, Line } from "./transport.ts";

/** Closes after the answer of the frame that asked for it is out. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** A room the connection joined while the answer that tells it so is not out yet. */
interface HeldRoom {
  readonly room: RoomName;
  /** The position that answer reaches; set once the join is done. */
  seq: number | undefined;
}

// Shared by all sockets, so that sending late makes no closures.
const flush = (socket: Socket): void => socket.flush();
const writeLate = ({ data }: Line): void => {
  if (data instanceof Socket) data.writeLate();
};

export class Socket implements Connection, Beating, Metered {
  readonly id = Bun.randomUUIDv7();
  readonly rooms: RoomName[] = [];
  heardAt = 0;
  pingAt = 0;
  wakeAt = nowhere;
  /** Tick at which it is closed unless it has authenticated by then. */
  authenticateBy = 0;
  /** `connected` was sent. */
  connected = false;
  /** It asked for what its person missed since an earlier connection. */
  resumed = false;
  /** `token_expiring` was sent for the present token. */
  warned = false;
  tokens = 0;
  filledAtMs = 0;
  refusals = 0;
  refusedSinceMs = 0;
  /** Frames so far, for request ids. */
  frames = 0;
  queue: FrameQueue<Socket, SocketFrame> | undefined = undefined;
  ws: Line | undefined = undefined;
  ending: Ending | undefined = undefined;
  /** Position of the own room that `connected` told; `resume_user` answers up to it. */
  userSeq = 0;
  /** Answers of this tick, see `sendLater`. */
  #late: string[] | undefined = undefined;
  #held: HeldRoom | undefined = undefined;
  #holding = false;

  /** `refused`: its subprotocol lets nobody in, so it is closed as soon as it is open (S1). */
  constructor(
    public identity: Identity | undefined,
    readonly refused: Ending | undefined,
    /** The version of the protocol it speaks. */
    readonly protocol = protocolVersion,
  ) {}

  get actor(): Actor {
    if (!this.identity) throw new Error("the connection has not authenticated");
    return this.identity.actor;
  }

  /** Goes on with what another one has said so far. */
  meterAs({ tokens, filledAtMs, refusals, refusedSinceMs }: Metered): void {
    Object.assign(this, { tokens, filledAtMs, refusals, refusedSinceMs });
  }

  isOpen(): boolean {
    return this.ws !== undefined;
  }

  /** A frame that does not fit into what may wait unsent would be dropped silently: the client is closed and resumes. */
  send(frame: string): void {
    if (this.#late) this.#late.push(frame);
    else this.#write(frame);
  }

  /**
   * Sends when all that this tick settles is settled. What the lane commits together is then one system call a
   * connection: its answers, and the events its rooms heard with them. Later sends stay behind it.
   */
  sendLater(frame: string): void {
    if (this.#late) this.#late.push(frame);
    else {
      this.#late = [frame];
      process.nextTick(flush, this);
    }
  }

  /** Sends what waits for the end of the tick. */
  flush(): void {
    if (this.#late) this.ws?.cork(writeLate);
    this.#late = undefined;
  }

  writeLate(): void {
    const frames = this.#late ?? [];
    this.#late = undefined;
    for (const frame of frames) this.#write(frame);
  }

  #write(frame: string): void {
    if (this.ws?.sendText(frame) === 0) this.close(closeCodes.slowConsumer, "too slow: resume");
  }

  subscribe(room: RoomName): void {
    // What a person hears of their own is of all their projects.
    if (isHeld(this.actor) && roomKind(room) === "user") return;
    if (this.#holding) this.#held = { room, seq: undefined };
    else this.ws?.subscribe(room);
  }

  unsubscribe(room: RoomName): void {
    if (this.#held?.room === room) this.#held = undefined;
    this.ws?.unsubscribe(room);
  }

  close(code: number, reason: string): void {
    this.flush();
    this.ws?.close(code, reason);
  }

  /**
   * Joins a room without hearing it before the answer that says so is out: between the tick that subscribes and the
   * one that answers, the relay may publish. `goLive` then makes up for it.
   */
  async hold<Page extends { readonly seq: number }>(join: () => Promise<Page>): Promise<Page> {
    this.#holding = true;
    try {
      const page = await join();
      if (this.#held) this.#held.seq = page.seq;
      return page;
    } finally {
      this.#holding = false;
    }
  }

  /** Called in the tick in which the answer was sent. */
  goLive(relay: Relay): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.flush();
    const missed = held.seq === undefined ? undefined : relay.recent(held.room, held.seq);
    if (!missed) {
      this.close(closeCodes.slowConsumer, "fell behind while joining: resume");
      return;
    }
    for (const event of missed) this.send(encodeFrame(event));
    this.ws?.subscribe(held.room);
  }
}
