/** A broker that loses, doubles and reorders what is said over it, on purpose and by a seed. */
import type { Broker, BrokerListener } from "../../src/realtime/broker/broker.ts";
import type { Random } from "./random.ts";

export interface FaultyBroker extends Broker {
  /** How many wakes were lost, doubled or held back so far. */
  readonly faults: { lost: number; doubled: number; reordered: number };
}

export function createFaultyBroker(inner: Broker, random: Random): FaultyBroker {
  const faults = { lost: 0, doubled: 0, reordered: 0 };
  let held: (() => void)[] = [];

  const mangle = (tell: () => void): void => {
    if (random.chance(0.3)) {
      faults.lost++;
      return;
    }
    if (random.chance(0.3)) {
      faults.reordered++;
      held.push(tell);
      return;
    }
    tell();
    if (random.chance(0.3)) {
      faults.doubled++;
      tell();
    }
    // What was held back comes late, newest first.
    const late = held.reverse();
    held = [];
    for (const tellLate of late) tellLate();
  };

  return {
    kind: inner.kind,
    faults,
    start: (listener: BrokerListener) =>
      inner.start({
        wake: (roomId, seq) => mangle(() => listener.wake(roomId, seq)),
        cast: (room, frame) => mangle(() => listener.cast(room, frame)),
        recovered: () => listener.recovered(),
        unheard: () => listener.unheard(),
      }),
    wake: (roomId, seq) => inner.wake(roomId, seq),
    cast: (room, frame) => inner.cast(room, frame),
    healthy: () => inner.healthy(),
    connected: () => inner.connected(),
    reconnects: () => inner.reconnects(),
    stop: () => inner.stop(),
  };
}
