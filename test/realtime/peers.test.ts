/** Nodes that tell and ask each other, over a line that loses, doubles and mixes up. */
import { afterEach, describe, expect, test } from "bun:test";
import { createPeers, type Peers } from "../../src/realtime/peers.ts";
import { joinPieces, splitPieces } from "../../src/realtime/pieces.ts";
import { createMovableClock } from "../support/clock.ts";
import { createRandom } from "../support/random.ts";

/** Longer than a cast holds, however it is packed. */
const long = `${Array.from({ length: 2_000 }, () => Bun.randomUUIDv7()).join(" ")} "quotes" \\ and ☃`;
const castBytes = 7_400;

describe("what nodes say to each other", () => {
  let running: Peers[] = [];
  afterEach(() => {
    for (const peers of running) peers.stop();
    running = [];
  });

  /** Nodes on one line; `line` decides what becomes of each cast. */
  function makeNodes(count: number, line: (text: string, deliver: () => void) => void = (_, deliver) => deliver()) {
    const clock = createMovableClock();
    const failures: unknown[] = [];
    const sizes: number[] = [];
    const nodes: Peers[] = [];
    for (let i = 0; i < count; i++) {
      const own: Peers = createPeers({
        clock,
        connected: () => true,
        failed: (error) => void failures.push(error),
        cast(text) {
          sizes.push(Buffer.byteLength(JSON.stringify(["nodes", text])));
          for (const other of nodes) if (other !== own) line(text, () => other.receive(text));
        },
      });
      nodes.push(own);
    }
    running = nodes;
    for (const node of nodes) node.start();
    const [a, ...others] = nodes;
    if (!a) throw new Error("there is at least one");
    /** The clock moves on until the promise has settled. */
    const settle = async <T>(promise: Promise<T>): Promise<T> => {
      let done = false;
      const settled = promise.finally(() => {
        done = true;
      });
      while (!done) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(100);
      }
      return settled;
    };
    return { a, others, clock, failures, sizes, settle };
  }

  test("every node answers a question once, in as many pieces as it takes, none larger than a cast", async () => {
    const { a, others, sizes } = makeNodes(3);
    let asked = 0;
    for (const other of others) {
      other.answers("sessions", async (text) => {
        asked++;
        return `${other.id} ${text} ${long}`;
      });
    }
    const { answers, missing } = await a.ask("sessions", "what?");
    expect([...answers].toSorted()).toEqual(
      others.map(({ id }): [string, string] => [id, `${id} what? ${long}`]).toSorted(),
    );
    expect([missing, asked]).toEqual([[], 2]);
    expect(Math.max(...sizes)).toBeLessThan(castBytes);
    expect(sizes.length).toBeGreaterThan(2 * 3);
  });

  test("over a line that loses, doubles and mixes up, a question is carried out once and its answer is whole", async () => {
    const random = createRandom(11);
    let faulty = false;
    let held: (() => void)[] = [];
    let lost = 0;
    const { a, others, failures, settle } = makeNodes(3, (text, deliver) => {
      if (!faulty || text.includes('"hello"')) return deliver();
      if (random.chance(0.1)) lost++;
      else if (random.chance(0.3)) held.push(deliver);
      else {
        deliver();
        if (random.chance(0.3)) deliver();
        const late = held.reverse();
        held = [];
        for (const each of late) each();
      }
    });
    let done = 0;
    for (const other of others) {
      other.answers("message", () => {
        done++;
        return "done ".repeat(10);
      });
    }
    faulty = true;
    for (let i = 1; i <= 20; i++) {
      const { answers } = await settle(a.ask("message", `${i}`));
      expect([[...answers.values()], done]).toEqual([["done ".repeat(10), "done ".repeat(10)], 2 * i]);
    }
    expect([failures, lost > 10]).toEqual([[], true]);
  });

  test("whoever does not answer is named, whoever stops is not waited for, and enough is enough", async () => {
    const { a, others, settle } = makeNodes(3);
    const [b, c] = others;
    if (!b || !c) throw new Error("there are three");
    const never = new Promise<string>(() => {});
    b.answers("broadcast", () => "b");
    c.answers("broadcast", () => never);
    const asked = await settle(a.ask("broadcast", ""));
    expect([[...asked.answers], asked.missing]).toEqual([[[b.id, "b"]], [c.id]]);
    expect((await a.ask("broadcast", "", { enough: (answer) => answer === "b" })).answers.get(b.id)).toBe("b");
    expect((await a.ask("broadcast", "", { of: [b.id] })).missing).toEqual([]);
    const under = a.ask("broadcast", "");
    c.stop();
    expect((await under).missing).toEqual([]);
    expect(a.live()).toEqual([b.id]);
  });

  test("what a newer node says is passed over: unknown words, unknown questions, more than is known", async () => {
    const { a, others, failures } = makeNodes(2);
    const [b] = others;
    if (!b) throw new Error("there are two");
    a.receive(JSON.stringify({ n: "newer", k: "wave", more: [1] }));
    a.receive(JSON.stringify({ n: "newer", k: "tell", t: "cursor", d: "x" }));
    a.receive(JSON.stringify({ n: "newer", k: "ask", q: "1", a: "weather", of: [a.id], d: splitPieces("")[0] }));
    expect(failures).toEqual([]);
    a.receive("not even JSON");
    expect(failures).toHaveLength(1);
    const heard: string[] = [];
    b.heard("typing", (node, data) => void heard.push(`${node} ${data}`));
    a.tell("typing", "still works");
    expect(heard).toEqual([`${a.id} still works`]);
  });

  test("a node that dies is gone after 6 to 8 s, one that stops at once; a node alone says nothing but hello", async () => {
    const silent = new Set<string>();
    const said: string[] = [];
    const { a, others, clock } = makeNodes(2, (text, deliver) => {
      const { n, k } = JSON.parse(text);
      if (!silent.has(n)) said.push(k);
      if (!silent.has(n)) deliver();
    });
    const [b] = others;
    if (!b) throw new Error("there are two");
    const gone: [string, boolean][] = [];
    a.listen({ hello: () => {}, gone: (node, bye) => void gone.push([node, bye]) }, () => 0);
    silent.add(b.id);
    clock.advance(5_900);
    expect(gone).toEqual([]);
    clock.advance(2_200);
    expect([gone, a.live()]).toEqual([[[b.id, false]], []]);
    said.length = 0;
    a.tell("typing", "to nobody");
    clock.advance(20_000);
    // What a quiet node costs: one cast in two seconds.
    expect(said).toEqual(Array.from({ length: 10 }, () => "hello"));
  });

  test("pieces hold any text, none too", () => {
    for (const text of ["", "a", long, "☃".repeat(100_000)]) expect(joinPieces(splitPieces(text))).toBe(text);
  });
});
