/** The line of a node to PostgreSQL's NOTIFY: the addresses it takes, and what swallows packets without a word. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPostgresBroker } from "../../src/realtime/broker/postgres.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { type Network, startNetwork } from "../support/network.ts";

const kind = databases.find((one) => one.kind === "postgres");

describe.if(kind !== undefined)("the broker of PostgreSQL", () => {
  let db: TestDatabase;
  let network: Network;
  beforeAll(async () => {
    if (!kind) return;
    [db, network] = await Promise.all([kind.open(), startNetwork()]);
  });
  afterAll(async () => {
    await network?.stop();
    await db?.close();
  });

  const urlOf = (change: (url: URL) => void): string => {
    const url = new URL(db.url ?? "");
    change(url);
    return url.href;
  };
  const open = (databaseUrl: string) => {
    const heard: string[] = [];
    const waiting: (() => void)[] = [];
    const broker = createPostgresBroker({ databaseUrl, failed: () => {} });
    return {
      broker,
      start: () =>
        broker.start({
          wake() {},
          told() {},
          cast(_, frame) {
            heard.push(frame);
            for (const resolve of waiting.splice(0)) resolve();
          },
          recovered() {},
          unheard() {},
        }),
      /** Settles once the frame was heard. */
      async hears(frame: string) {
        while (!heard.includes(frame)) await new Promise<void>((resolve) => waiting.push(resolve));
      },
    };
  };
  type Node = ReturnType<typeof open>;
  /** A cast may be lost while they do not know each other yet. */
  const say = async (from: Node, to: Node, frame: string): Promise<void> => {
    const timer = setInterval(() => from.broker.cast("nodes", frame), 20);
    await to.hears(frame);
    clearInterval(timer);
  };

  test("takes every address that the database takes", async () => {
    const plain = open(urlOf(() => {}));
    const words = open(
      urlOf((url) => {
        const { hostname, searchParams } = url;
        url.hostname = "nowhere.invalid"; // the query is stronger
        for (const [name, value] of [
          ["host", hostname],
          ["channel_binding", "prefer"],
          ["sslmode", "prefer"],
          ["application_name", "board"],
        ] as const)
          searchParams.set(name, value);
      }),
    );
    for (const node of [plain, words]) await node.start();
    await say(words, plain, "from an address with words");
    await say(plain, words, "to an address with words");
    const [named] = await db.database.sql`
      select count(*)::int as count from pg_stat_activity where application_name like 'board broker %'`;
    expect(named?.count).toBeGreaterThan(0);
    for (const { broker } of [plain, words]) await broker.stop();
  });

  test.each(["half_open_near", "half_open_far"] as const)(
    "takes a new line once the old one swallows everything (%s)",
    async (state) => {
      const link = await network.open(Number(new URL(db.url ?? "").port));
      const near = open(urlOf(() => {}));
      const cut = open(urlOf((url) => (url.port = String(link.port))));
      for (const node of [near, cut]) await node.start();
      await say(near, cut, "before");
      expect(cut.broker.connected()).toBe(true);
      const before = cut.broker.reconnects();
      await link.set(state);
      // Real time: what is waited for is silence, or, where the near end was closed, the next line.
      while (cut.broker.connected() && cut.broker.reconnects() === before) await Bun.sleep(50);
      await say(near, cut, "behind");
      await say(cut, near, "and back");
      expect(cut.broker.reconnects()).toBeGreaterThan(before);
      while (!cut.broker.connected()) await Bun.sleep(20); // until its first heartbeat came back
      for (const { broker } of [near, cut]) await broker.stop();
    },
  );
});
