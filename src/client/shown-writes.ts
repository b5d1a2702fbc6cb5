/** One's own writes on top of what the server has confirmed: each until its event has come, or it was refused. */
import type { CancelTimer, Clock } from "./clock.ts";
import type { Write } from "./optimistic.ts";

export interface ShownWrites {
  /** Oldest first. */
  list(): readonly Write[];
  show(write: Write): void;
  /** The server took it at `seq`: shown until the room has reached that; until its event comes where that is not known. */
  settle(mutationId: string, seq: number | undefined): void;
  forget(mutationId: string): void;
  /** The room is at `seq` now, and these mutation ids were told on the way. */
  reached(seq: number, told: ReadonlySet<string>): void;
  close(): void;
}

interface Shown {
  readonly write: Write;
  /** Where the room holds it; undefined until answered. */
  seq: number | undefined;
  /** Of one that was answered without a position: ends the wait for its event. */
  cancel?: CancelTimer;
}

/** An answer over HTTP says no position. Its event is here by then, or there was nothing to change and none comes. */
const eventMostMs = 5000;

/** `changed` is called where the list got shorter or longer, but not by `reached`. */
export function createShownWrites(clock: Clock, changed: () => void): ShownWrites {
  let shown: Shown[] = [];
  let position = 0;
  const keep = (stays: (entry: Shown) => boolean): boolean => {
    const before = shown.length;
    for (const entry of shown) if (!stays(entry)) entry.cancel?.();
    shown = shown.filter(stays);
    return shown.length < before;
  };
  const forget = (mutationId: string): void => {
    if (keep(({ write }) => write.mutationId !== mutationId)) changed();
  };
  return {
    list: () => shown.map(({ write }) => write),
    show(write) {
      if (shown.some((entry) => entry.write.mutationId === write.mutationId)) return;
      shown.push({ write, seq: undefined });
      changed();
    },
    settle(mutationId, seq) {
      const entry = shown.find(({ write }) => write.mutationId === mutationId);
      if (!entry) return;
      entry.seq = seq;
      if (seq === undefined) entry.cancel = clock.setTimeout(() => forget(mutationId), eventMostMs);
      else if (seq <= position) forget(mutationId);
    },
    forget,
    reached(seq, told) {
      position = seq;
      if (shown.length > 0) keep((entry) => !told.has(entry.write.mutationId) && (entry.seq ?? seq + 1) > seq);
    },
    close() {
      keep(() => false);
    },
  };
}
