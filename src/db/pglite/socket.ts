/** The end of the pipe that postgres.js holds: what it uses of a net.Socket, and nothing else. */
import { EventEmitter } from "node:events";

export interface PipeEnd {
  /** Bytes to the backend. */
  write(bytes: Uint8Array): void;
  /** This end is gone. */
  drop(): void;
}

export class PipeSocket extends EventEmitter {
  readyState: "open" | "closed" = "open";
  /** Named in the errors of postgres.js. */
  readonly host = "embedded";
  readonly port = 0;
  #end: PipeEnd;
  #paused = false;
  #held: Buffer[] = [];

  constructor(end: PipeEnd) {
    super();
    this.#end = end;
  }

  write(chunk: Uint8Array, written?: () => void): boolean {
    if (this.readyState === "open") this.#end.write(chunk);
    if (written) queueMicrotask(written);
    return true;
  }

  end(chunk?: Uint8Array): this {
    if (chunk) this.write(chunk);
    return this.destroy();
  }

  destroy(): this {
    if (this.readyState === "open") {
      this.#end.drop();
      this.closed();
    }
    return this;
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  resume(): this {
    this.#paused = false;
    for (const chunk of this.#held.splice(0)) this.emit("data", chunk);
    return this;
  }

  /** Bytes from the backend. */
  received(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#paused) this.#held.push(chunk);
    else this.emit("data", chunk);
  }

  /** The backend is gone, or has closed this connection. */
  closed(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    // As a net.Socket does: never from within the call that ended it.
    queueMicrotask(() => this.emit("close", false));
  }
}
