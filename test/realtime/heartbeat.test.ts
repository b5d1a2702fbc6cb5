import { describe, expect, test } from "bun:test";
import { type Beating, createHeartbeat, nowhere } from "../../src/realtime/transport/heartbeat.ts";
import { createMovableClock } from "../support/clock.ts";

interface Peer extends Beating {
  readonly name: string;
}

function start(concerns: (peer: Peer, tick: number) => number = () => Number.POSITIVE_INFINITY) {
  const clock = createMovableClock();
  const log: string[] = [];
  const heartbeat = createHeartbeat<Peer>({
    clock,
    intervalSeconds: 25,
    timeoutSeconds: 60,
    ping: (peer) => void log.push(`ping ${peer.name} ${heartbeat.tick}`),
    lost(peer) {
      log.push(`lost ${peer.name} ${heartbeat.tick}`);
      heartbeat.remove(peer);
    },
    concerns,
  });
  const add = (name: string): Peer => {
    const peer = { name, heardAt: 0, pingAt: 0, wakeAt: nowhere };
    heartbeat.add(peer);
    return peer;
  };
  return { clock, heartbeat, log, add };
}

describe("[S7] the heartbeat", () => {
  test("pings every 25 s and gives up a minute after the last byte, within a second and never early", () => {
    const { clock, log, add } = start();
    add("a");
    clock.advance(60_999);
    expect(log).toEqual(["ping a 25", "ping a 50"]);
    clock.advance(1);
    expect(log.at(-1)).toBe("lost a 61");
    clock.advance(600_000);
    expect(log).toHaveLength(3);
  });

  test("a byte at any time begins the minute anew", () => {
    const { clock, heartbeat, log, add } = start();
    const peer = add("a");
    for (let second = 0; second < 300; second += 59) {
      clock.advance(59_000);
      peer.heardAt = heartbeat.tick;
    }
    expect(log.filter((line) => line.startsWith("lost"))).toEqual([]);
    clock.advance(60_999);
    expect(log.filter((line) => line.startsWith("lost"))).toEqual([]);
    clock.advance(1);
    expect(log.at(-1)).toBe(`lost a ${peer.heardAt + 61}`);
  });

  test("those who came in one moment are not all pinged in one", () => {
    const { clock, heartbeat, log, add } = start();
    const peers = Array.from({ length: 100 }, (_, i) => add(String(i)));
    for (let second = 0; second < 50; second++) {
      clock.advance(1_000);
      for (const peer of peers) peer.heardAt = heartbeat.tick;
    }
    const perTick = Map.groupBy(log, (line) => line.split(" ")[2]);
    expect(log).toHaveLength(200);
    expect([...perTick.values()].map((lines) => lines.length)).toEqual(new Array(50).fill(4));
  });

  test("a wall clock set two hours forward or back loses nobody", () => {
    for (const hours of [2, -2]) {
      const { clock, log, add } = start();
      add("a");
      clock.advance(30_000);
      clock.jump(hours * 3_600_000);
      clock.advance(30_999);
      expect(log).toEqual(["ping a 25", "ping a 50"]);
    }
  });

  test("who is removed is looked at no more", () => {
    const { clock, heartbeat, log, add } = start();
    const peer = add("a");
    clock.advance(10_000);
    heartbeat.remove(peer);
    heartbeat.look(peer);
    clock.advance(100_000);
    expect(log).toEqual([]);
  });

  test("other concerns are looked at when they are due, however far away, and at once when told", () => {
    let due = 300;
    const looked: number[] = [];
    const { clock, heartbeat, add } = start((peer, tick) => {
      peer.heardAt = tick;
      if (tick >= due) looked.push(tick);
      return tick >= due ? Number.POSITIVE_INFINITY : due;
    });
    const peer = add("a");
    clock.advance(299_999);
    expect(looked).toEqual([]);
    clock.advance(1);
    expect(looked[0]).toBe(300);
    due = 301;
    heartbeat.look(peer);
    clock.advance(1_000);
    expect(looked).toContain(301);
  });
});
