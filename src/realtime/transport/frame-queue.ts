/**
 * The frames of one connection, in order (S2): they take effect in order and are answered in order.
 *
 * A frame waits for the one before it, with one exception that makes pipelining worth while: the lane keeps the order
 * of what it is given, so a frame that only decides on caches and then submits may start while earlier ones of that
 * kind are in flight, if each of those reached the lane in the very tick in which it started. One that had to read
 * first may submit later than its successor would; nothing starts before it is settled.
 */
import type { GaugedLane } from "./lane-gauge.ts";

export interface QueuedFrame {
  readonly event: string;
  /** As the client sent it. */
  readonly data?: unknown;
  /** Characters of its text, for the bound on what may wait. */
  readonly size: number;
}

/** What is done with the frames; one for all connections, so that a queue costs no closures. */
export interface FrameRunner<Owner, Frame extends QueuedFrame> {
  /** Starts a frame; the text to send in the end ("" where there is nothing to say). Must not throw or reject. */
  run(owner: Owner, frame: Frame): string | Promise<string>;
  send(owner: Owner, text: string): void;
  /** The same for an answer that was waited for: others are likely to follow in this tick. */
  sendLater(owner: Owner, text: string): void;
  /** A frame was answered; nothing else happened since. */
  answered(owner: Owner): void;
}

/**
 * Frames whose handlers look at nothing but caches before they submit. A move reads the positions of its neighbours,
 * which an earlier frame may be about to change, so it waits.
 */
const ofTheLane = new Set(["task_update", "task_status_update", "task_assign", "new_comment"]);
const isPipelined = ({ event, data }: QueuedFrame): boolean => ofTheLane.has(event) && !changesParent(data);

/** Whose subtask a task may be rests on other rows: such a change does not go by way of the lane. */
function changesParent(data: unknown): boolean {
  if (typeof data !== "object" || data === null || !("changes" in data)) return false;
  const { changes } = data;
  return typeof changes === "object" && changes !== null && "parent_id" in changes;
}

interface Entry<Frame> {
  readonly frame: Frame;
  /** Set once it is settled. */
  answer: string | undefined;
}

export class FrameQueue<Owner, Frame extends QueuedFrame> {
  /** Oldest first; the first `#started` have started, the first of those is not settled. */
  #entries: Entry<Frame>[] = [];
  #started = 0;
  #running = 0;
  /** Running frames that nothing may overtake. */
  #exclusive = 0;
  #size = 0;
  #closed = false;

  constructor(
    private readonly owner: Owner,
    private readonly runner: FrameRunner<Owner, Frame>,
    private readonly lane: Pick<GaugedLane, "submitted">,
  ) {}

  /** Frames that are not answered yet. */
  get length(): number {
    return this.#entries.length;
  }

  /** Characters of those frames. */
  get size(): number {
    return this.#size;
  }

  push(frame: Frame): void {
    this.#entries.push({ frame, answer: undefined });
    this.#size += frame.size;
    this.#pump();
  }

  /** The connection is gone: what has not started never will, what runs is not answered. */
  close(): void {
    this.#closed = true;
    this.#entries = [];
    this.#started = 0;
    this.#size = 0;
  }

  #pump(): void {
    for (let entry = this.#entries[this.#started]; entry; entry = this.#entries[this.#started]) {
      const mayStart = this.#running === 0 || (this.#exclusive === 0 && isPipelined(entry.frame));
      if (!mayStart) break;
      this.#started++;
      this.#start(entry);
      this.#flush(false);
    }
  }

  #start(entry: Entry<Frame>): void {
    const submitted = this.lane.submitted;
    const result = this.runner.run(this.owner, entry.frame);
    if (typeof result === "string") {
      entry.answer = result;
      return;
    }
    const exclusive = this.lane.submitted === submitted || !isPipelined(entry.frame);
    this.#running++;
    if (exclusive) this.#exclusive++;
    void result.then((answer) => {
      this.#running--;
      if (exclusive) this.#exclusive--;
      if (this.#closed) return;
      entry.answer = answer;
      this.#flush(true);
      this.#pump();
    });
  }

  /** Sends the answers that nothing older holds up. */
  #flush(waited: boolean): void {
    let settled = 0;
    for (const { frame, answer } of this.#entries) {
      if (answer === undefined) break;
      settled++;
      this.#size -= frame.size;
    }
    if (settled === 0) return;
    const answered = this.#entries.splice(0, settled);
    this.#started -= settled;
    for (const { answer } of answered) {
      if (answer && waited) this.runner.sendLater(this.owner, answer);
      else if (answer) this.runner.send(this.owner, answer);
      this.runner.answered(this.owner);
    }
  }
}
