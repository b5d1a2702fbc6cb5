/** A broker whose line a test cuts: nothing goes out, nothing comes in. */
import type { Broker } from "../../src/realtime/broker/broker.ts";

export interface CutBroker extends Broker {
  /** `knowing`: the node notices that it hears nothing, as one that misses its own heartbeat does. */
  cut(knowing: boolean): void;
  mend(): void;
  /** The next so many of what it says are lost. */
  lose(what: "cast" | "wake", count: number): void;
  /** Settles when the node next asks the others something, whether they hear it or not. */
  asked(): Promise<void>;
}

export function createCutBroker(inner: Broker): CutBroker {
  let state: "whole" | "silent" | "noticed" = "whole";
  let recovered = (): void => {};
  let asks = (): void => {};
  const losing = { cast: 0, wake: 0 };
  const lost = (what: keyof typeof losing): boolean => losing[what] > 0 && losing[what]-- > 0;
  const whole = (): boolean => state === "whole";
  return {
    kind: inner.kind,
    cut(knowing) {
      state = knowing ? "noticed" : "silent";
    },
    mend() {
      const noticed = state === "noticed";
      state = "whole";
      if (noticed) recovered();
    },
    start(listener) {
      recovered = listener.recovered;
      return inner.start({
        wake: (roomId, seq) => whole() && listener.wake(roomId, seq),
        told: (events) => whole() && listener.told(events),
        cast: (target, frame) => whole() && listener.cast(target, frame),
        recovered,
        unheard: listener.unheard,
      });
    },
    tell: (events) => whole() && !lost("wake") && inner.tell(events),
    cast(target, frame) {
      if (frame.includes('"k":"ask"')) asks();
      if (whole() && !lost("cast")) inner.cast(target, frame);
    },
    asked: () =>
      new Promise((resolve) => {
        asks = resolve;
      }),
    lose(what, count) {
      losing[what] = count;
    },
    healthy: () => state !== "noticed" && inner.healthy(),
    connected: () => state !== "noticed" && inner.connected(),
    reconnects: inner.reconnects,
    stop: inner.stop,
  };
}
