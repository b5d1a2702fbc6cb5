/** The broker of a single process; nodes in one process (in tests) share a bus. */
import type { Broker, BrokerListener } from "./broker.ts";

export interface MemoryBus {
  readonly listeners: Set<BrokerListener>;
}

export const createMemoryBus = (): MemoryBus => ({ listeners: new Set() });

export function createMemoryBroker(bus: MemoryBus = createMemoryBus()): Broker {
  let own: BrokerListener | undefined;
  const others = (tell: (listener: BrokerListener) => void): void => {
    for (const listener of bus.listeners) if (listener !== own) tell(listener);
  };
  return {
    kind: "memory",
    async start(listener) {
      own = listener;
      bus.listeners.add(listener);
    },
    tell: (events) => others((listener) => listener.told(events)),
    cast: (target, frame) => others((listener) => listener.cast(target, frame)),
    healthy: () => true,
    connected: () => true,
    reconnects: () => 0,
    async stop() {
      if (own) bus.listeners.delete(own);
    },
  };
}
