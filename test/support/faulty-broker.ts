/**
 * A broker that loses, doubles and reorders what is said over it, on purpose and by a seed. Of several events it also loses
 * and mixes up the single ones, and tells of some that never were: in a log that was rolled back or restored since.
 */
import type { CommittedEvent } from "../../src/db/context.ts";
import type { Broker, BrokerListener } from "../../src/realtime/broker/broker.ts";
import type { Random } from "./random.ts";

export interface FaultyBroker extends Broker {
  /** How many wakes were lost, doubled or held back so far. */
  readonly faults: { lost: number; doubled: number; reordered: number; cut: number; foreign: number };
}

export function createFaultyBroker(inner: Broker, random: Random): FaultyBroker {
  const faults = { lost: 0, doubled: 0, reordered: 0, cut: 0, foreign: 0 };
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

  /** Some of them, in another order, and before them what another log has under the next numbers. */
  const bend = (events: readonly CommittedEvent[]): readonly CommittedEvent[] => {
    const kept = events.filter(() => !random.chance(0.2));
    faults.cut += events.length - kept.length;
    const foreign = random.chance(0.3) ? events.map(inAnotherLog) : [];
    faults.foreign += foreign.length;
    return [...foreign, ...(random.chance(0.3) ? kept.toReversed() : kept)];
  };

  return {
    kind: inner.kind,
    faults,
    start: (listener: BrokerListener) =>
      inner.start({
        wake: (roomId, seq) => mangle(() => listener.wake(roomId, seq)),
        told: (events) => mangle(() => listener.told(bend(events))),
        cast: (room, frame) => mangle(() => listener.cast(room, frame)),
        recovered: () => listener.recovered(),
        unheard: () => listener.unheard(),
      }),
    tell: (events) => inner.tell(events),
    cast: (room, frame) => inner.cast(room, frame),
    healthy: () => inner.healthy(),
    connected: () => inner.connected(),
    reconnects: () => inner.reconnects(),
    stop: () => inner.stop(),
  };
}

const inAnotherLog = (event: CommittedEvent): CommittedEvent => ({ ...event, epoch: "never", data: '{"never":true}' });
