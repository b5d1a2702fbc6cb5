import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Store, transact } from "../../src/db/context.ts";
import { createProcessor, type Plan, type Processor } from "../../src/jobs/processor.ts";
import { emitCustom, systemCtx } from "../../src/realtime/log.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent } from "../support/nodes.ts";

const name = "counting";

for (const kind of databases) {
  describe(`a processor of the log on ${kind.name}`, () => {
    let db: TestDatabase;
    const processors: Processor[] = [];
    beforeAll(async () => {
      db = await kind.open();
    });
    afterEach(async () => {
      for (const processor of processors.splice(0)) await processor.stop();
    });
    afterAll(() => db.close());

    const storeOf = (heard: (roomId: string) => void = () => {}): Store => ({
      database: db.database,
      committed: (events) => {
        for (const { roomId } of events) heard(roomId);
      },
    });

    /** A store, and whether anybody waits for its database. */
    const watchedStore = () => {
      let asked = 0;
      const guard = <T>(work: () => Promise<T>): Promise<T> => {
        asked++;
        return db.database.guard(work).finally(() => asked--);
      };
      return { store: { ...storeOf(), database: { ...db.database, guard } }, waits: () => asked > 0 };
    };

    const publish = (store: Store, roomId: string, events: readonly ["x_counted" | "x_other", number][]) =>
      transact<void>(systemCtx({ store }, "test"), {
        rooms: [roomId],
        replay: () => {},
        async work(tx) {
          for (const [event, n] of events) emitCustom(tx, event, roomId, { n });
        },
      });

    /** Copies the numbers of its events into a person's room, an event each. */
    const start = (
      to: string,
      store: Store,
      change: (plan: Plan) => Plan = (plan) => plan,
      first?: (roomId: string) => boolean,
    ) => {
      const clock = createMovableClock();
      const processor = createProcessor({
        ...(first && { first }),
        store,
        clock,
        log: silent,
        kind: {
          name,
          events: new Set(["x_counted"]),
          plan: async (_, events) =>
            change({
              rooms: [to],
              async work(tx) {
                for (const { data } of events) emitCustom(tx, "x_copied", to, JSON.parse(data));
              },
            }),
        },
      });
      processors.push(processor);
      processor.start();
      return { processor, clock };
    };

    const copies = async (to: string): Promise<number[]> => {
      const rows = await db.database.sql<
        { data: string }[]
      >`select data from events where room_id = ${to} order by seq`;
      return rows.map(({ data }): number => JSON.parse(data).n);
    };
    const until = async (clocks: readonly { advance(ms: number): void }[], to: string, count: number) => {
      while ((await copies(to)).length < count) for (const clock of clocks) clock.advance(250);
      return copies(to);
    };
    const setUp = async () => {
      const ana = makeActor("Ana");
      const project = await makeProject(db.database, [ana], 0);
      return { to: ana.id, roomId: project.id };
    };
    const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

    test("handles every event of its kinds once, in order, over many pages and commits", async () => {
      const { to, roomId } = await setUp();
      const numbers = upTo(1_200);
      await publish(
        storeOf(),
        roomId,
        numbers.flatMap((n): ["x_counted" | "x_other", number][] => [
          ["x_counted", n],
          ["x_other", n],
        ]),
      );
      const { processor, clock } = start(to, storeOf());
      await until([clock], to, 1_200);
      await publish(
        storeOf((id) => processor.grown(id, 1)),
        roomId,
        [["x_counted", 1_201]],
      );
      expect(await until([clock], to, 1_201)).toEqual(upTo(1_201));
    });

    test("finds rooms that were changed without a word to it", async () => {
      const { to, roomId } = await setUp();
      const { clock } = start(to, storeOf());
      await publish(storeOf(), roomId, [["x_counted", 1]]);
      expect(await until([clock], to, 1)).toEqual([1]);
    });

    test("two nodes at the same log double nothing and leave nothing out", async () => {
      const { to, roomId } = await setUp();
      const nodes = [start(to, storeOf()), start(to, storeOf())];
      const store = storeOf((id) => {
        for (const { processor } of nodes) processor.grown(id, 1);
      });
      const clocks = nodes.map(({ clock }) => clock);
      for (const n of upTo(40)) {
        await publish(store, roomId, [["x_counted", n]]);
        for (const clock of clocks) clock.advance(250);
      }
      expect(await until(clocks, to, 40)).toEqual(upTo(40));
      for (const { processor } of nodes) await processor.stop();
      expect(await copies(to)).toEqual(upTo(40));
    });

    test("a room is looked at by the node whose turn it is, and by the others once that one did not", async () => {
      const { to, roomId } = await setUp();
      let planned: string[] = [];
      const node = (who: string, first: () => boolean, store = storeOf()) =>
        start(
          to,
          store,
          (plan) => {
            planned.push(who);
            return plan;
          },
          first,
        );
      const [owner, other] = [node("owner", () => true), node("other", () => false)];
      const store = storeOf((id) => {
        for (const { processor } of [other, owner]) processor.grown(id, 1, "x_counted");
      });
      for (const n of upTo(5)) {
        await publish(store, roomId, [["x_counted", n]]);
        await until([owner.clock], to, n);
        other.clock.advance(3_000);
      }
      for (const { processor } of [owner, other]) await processor.stop();
      expect(new Set(planned)).toEqual(new Set(["owner"]));
      planned = [];
      const [room] = await db.database.sql<{ seq: string }[]>`select seq from rooms where id = ${roomId}`;
      const { store: watched, waits } = watchedStore();
      const heir = node("heir", () => false, watched);
      const from = heir.clock.now();
      // The first of two words was done when the owner died, which says nothing of the second.
      for (const more of [0, 1]) heir.processor.grown(roomId, Number(room?.seq) + more, "x_counted");
      await publish(storeOf(), roomId, [["x_counted", 6]]);
      // How long its questions take is no part of the time that is measured.
      while ((await copies(to)).length < 6) if (!waits()) heir.clock.advance(20);
      expect(await copies(to)).toEqual(upTo(6));
      expect(planned).toEqual(["heir"]);
      const tookMs = heir.clock.now() - from;
      // Twice the time that rooms are left, and before the look at all rooms could have told.
      expect([tookMs >= 4_000, tookMs < 6_500]).toEqual([true, true]);
    });

    test("[G6] a clock that is set back lets no room rest until it was again", async () => {
      const { to, roomId } = await setUp();
      const { processor, clock } = start(to, storeOf());
      const store = storeOf((id) => processor.grown(id, 1));
      await publish(store, roomId, [["x_counted", 1]]);
      await until([clock], to, 1);
      clock.jump(-2 * 3_600_000);
      const from = clock.now();
      await publish(store, roomId, [["x_counted", 2]]);
      expect(await until([clock], to, 2)).toEqual([1, 2]);
      expect(clock.now() - from).toBeLessThan(60_000);
    });

    test("what fails half-way left nothing behind, and is done again", async () => {
      const { to, roomId } = await setUp();
      let failures = 3;
      const { clock } = start(to, storeOf(), ({ rooms, work }) => ({
        rooms,
        async work(tx) {
          await work(tx);
          if (failures-- > 0) throw new Error("crashed after its effects");
        },
      }));
      await publish(storeOf(), roomId, [
        ["x_counted", 1],
        ["x_counted", 2],
      ]);
      expect(await until([clock], to, 2)).toEqual([1, 2]);
      expect(failures).toBe(-1);
    });

    test("a page without any of its events only moves the position", async () => {
      const { to, roomId } = await setUp();
      let asked = 0;
      const { clock } = start(to, storeOf(), (plan) => {
        asked++;
        return plan;
      });
      await publish(storeOf(), roomId, [
        ["x_other", 1],
        ["x_other", 2],
      ]);
      const position = async () => {
        const rows = await db.database.sql<{ seq: string }[]>`
          select seq from positions where processor = ${name} and room_id = ${roomId}`;
        return Number(rows[0]?.seq ?? 0);
      };
      while ((await position()) < 2) clock.advance(250);
      expect(asked).toBe(0);
    });
  });
}
