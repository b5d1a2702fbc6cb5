/** The lane with a counter, by which the frame queue sees that a frame reached it in its first tick. */
import type { Lane } from "../lane.ts";

export interface GaugedLane extends Lane {
  /** Commands submitted so far. */
  readonly submitted: number;
}

export function gaugeLane(lane: Lane): GaugedLane {
  let submitted = 0;
  return {
    get submitted() {
      return submitted;
    },
    submit(command) {
      submitted++;
      return lane.submit(command);
    },
    drain: () => lane.drain(),
  };
}
