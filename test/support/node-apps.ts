/** Several nodes in this process, on one PostgreSQL, with one clock that a test moves and lines that it cuts. */
import { afterAll, afterEach, beforeAll } from "bun:test";
import { createMemoryBroker, createMemoryBus } from "../../src/realtime/broker/memory.ts";
import { startApp, type TestApp } from "./app.ts";
import { createMovableClock, type MovableClock } from "./clock.ts";
import { type CutBroker, createCutBroker } from "./cut-broker.ts";
import type { Person } from "./people.ts";
import { newPostgresDatabase } from "./prepared.ts";
import { openWire, type Wire } from "./wire.ts";

export interface NodeApp extends TestApp {
  readonly broker: CutBroker;
  /** A connection of the person to this node, which has heard `connected`. */
  connect(person: Person): Promise<Wire>;
}

export interface NodeApps {
  readonly clock: MovableClock;
  /** The nodes that run from the first test on. */
  at(index: number): NodeApp;
  /** One more; stopped with the others unless it was before. */
  start(): Promise<NodeApp>;
  /** The clock moves on in small steps, and whatever follows of each happens. */
  pass(seconds: number): Promise<void>;
}

const stepMs = 250;

/** Call in a suite that runs only where there is PostgreSQL. */
export function useNodes(count: number): NodeApps {
  const clock = createMovableClock(Date.now());
  const bus = createMemoryBus();
  const wires: Wire[] = [];
  const apps: NodeApp[] = [];
  let databaseUrl: string | undefined;

  const start = async (): Promise<NodeApp> => {
    databaseUrl ??= await newPostgresDatabase();
    const broker = createCutBroker(createMemoryBroker(bus));
    const app = await startApp({ databaseUrl, overrides: { clock, broker, roles: ["web"] } });
    const node: NodeApp = {
      ...app,
      broker,
      async connect(person) {
        const wire = await openWire(app.url, { token: person.token });
        wires.push(wire);
        await wire.take("connected");
        return wire;
      },
      async stop() {
        apps.splice(apps.indexOf(node), 1);
        await app.stop();
      },
    };
    apps.push(node);
    return node;
  };
  beforeAll(async () => {
    for (let i = 0; i < count; i++) await start();
  });
  afterEach(() => {
    for (const wire of wires.splice(0)) wire.destroy();
  });
  afterAll(() => Promise.all([...apps].map((app) => app.stop())));

  return {
    clock,
    at(index) {
      const app = apps[index];
      if (!app) throw new Error("the nodes run inside of tests only");
      return app;
    },
    start,
    async pass(seconds) {
      for (let left = seconds * 1_000; left > 0; left -= stepMs) {
        clock.advance(Math.min(stepMs, left));
        // Answers of other nodes, and what is made of them, are ticks away.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
