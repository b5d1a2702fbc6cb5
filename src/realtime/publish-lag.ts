/** How long it takes from the news of a commit to its publication. */
import { type Meter, record } from "../core/meter.ts";
import type { CommittedEvent } from "../db/context.ts";

export interface PublishLag {
  /** The commit of an event became known that will be published here. */
  committed(event: CommittedEvent): void;
  published(event: CommittedEvent): void;
}

/** A timed event that was not published by then never will be: its room emptied. */
const lagMaxMs = 10_000;

/** Times one event at a time: a time for each would cost every event, and tell no more. */
export function timePublication(meter: Pick<Meter, "publishSeconds">): PublishLag {
  let timed: CommittedEvent | undefined;
  let committedAtMs = 0;
  return {
    committed(event) {
      if (timed && performance.now() - committedAtMs < lagMaxMs) return;
      timed = event;
      committedAtMs = performance.now();
    },
    published(event) {
      if (event !== timed) return;
      record(meter.publishSeconds, (performance.now() - committedAtMs) / 1000);
      timed = undefined;
    },
  };
}
