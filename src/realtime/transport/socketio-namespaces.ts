/** Socket.IO over one session: its packets, and which namespaces the client is connected to. */
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";
import { closeCodes } from "../../protocol/errors.ts";
import { packetTypes } from "./engine-packets.ts";
import type { EngineSession } from "./engine-session.ts";

/** What a client said, as far as it is for the application. */
export type Said =
  | { readonly kind: "connect"; readonly namespace: string; readonly auth: unknown }
  | { readonly kind: "disconnect"; readonly namespace: string }
  | { readonly kind: "event"; readonly namespace: string; readonly args: unknown[]; readonly id: number | undefined };

const encoder = new Encoder();

export class Namespaces {
  readonly #decoder = new Decoder();
  readonly #entered = new Set<string>();
  #decoded: Packet | undefined = undefined;

  /** `known`: the namespaces there are; the main one is "/". */
  constructor(
    private readonly session: EngineSession,
    private readonly known: ReadonlySet<string>,
  ) {
    this.#decoder.on("decoded", (packet: Packet) => {
      this.#decoded = packet;
    });
  }

  /** Reads a message; undefined where there is nothing to do. Whoever breaks the protocol is closed. */
  read(message: string | Buffer): Said | undefined {
    this.#decoded = undefined;
    try {
      this.#decoder.add(message);
    } catch {
      this.#violated();
      return undefined;
    }
    // Absent while bytes of an event are still to come.
    return this.#decoded && this.#say(this.#decoded);
  }

  send(packet: Packet): void {
    for (const part of encoder.encode(packet)) {
      this.session.send(typeof part === "string" ? packetTypes.message + part : part);
    }
  }

  /** The client was let in: the answer to `connect`. `id` is the connection's. */
  accept(namespace: string, id: string): void {
    this.send({ type: PacketType.CONNECT, nsp: namespace, data: { sid: id } });
  }

  refuse(namespace: string, error: { readonly message: string; readonly data?: object }): void {
    this.#entered.delete(namespace);
    this.send({ type: PacketType.CONNECT_ERROR, nsp: namespace, data: error });
  }

  /** Tells the client to leave, and not to come back by itself. */
  dismiss(namespace: string): void {
    if (this.#entered.delete(namespace)) this.send({ type: PacketType.DISCONNECT, nsp: namespace });
  }

  #say({ type, nsp: namespace, data, id }: Packet): Said | undefined {
    if (type === PacketType.CONNECT) return this.#connect(namespace, data);
    if (!this.#entered.has(namespace)) return this.#violated();
    if (type === PacketType.DISCONNECT) {
      this.#entered.delete(namespace);
      return { kind: "disconnect", namespace };
    }
    if (type === PacketType.ACK) return undefined; // we ask for none
    if (type !== PacketType.EVENT || !Array.isArray(data)) return this.#violated();
    if (id !== undefined && !Number.isSafeInteger(id)) return this.#violated();
    return { kind: "event", namespace, args: data, id };
  }

  #connect(namespace: string, auth: unknown): Said | undefined {
    if (this.#entered.has(namespace)) return this.#violated();
    if (!this.known.has(namespace)) {
      this.refuse(namespace, { message: "Invalid namespace" });
      return undefined;
    }
    this.#entered.add(namespace);
    return { kind: "connect", namespace, auth };
  }

  #violated(): undefined {
    this.session.close(closeCodes.badProtocol, "not a packet of Socket.IO");
    return undefined;
  }
}
