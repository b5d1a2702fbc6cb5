/**
 * Redis stands still, is killed, or one of two servers is cut off from it: what is revoked on one bites on the other within a
 * second all the same (S10). The servers' clock is moved by the test, so what happens while it stands still follows from the
 * heartbeat alone, which runs in real time.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { getToken, signUp } from "../support/accounts.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { createLink, type Link } from "../support/link.ts";
import { hasRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { scrapeUntil } from "../support/scrape.ts";
import { createPostgresDatabase } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

/** Half a second until the next heartbeat, a quarter and a bit until it is missed, and the reading of the log. */
const biteMs = 1_000;
/** After a failure the first heartbeat is missed so late at the earliest (talk.ts). */
const lateMs = 250;
/** Two ticks, as the servers' clock has them: what a server that hears itself well needs. */
const tickMs = 800;

describe.if(hasRedis() && databases.some(({ kind }) => kind === "postgres"))("revocation while Redis fails", () => {
  const clock = createMovableClock(Date.now());
  const links: Link[] = [];
  const apps: TestApp[] = [];
  let redis: TestRedis;
  const [here, there] = [() => apps[0] ?? expect.unreachable(), () => apps[1] ?? expect.unreachable()];
  const [hereLink, thereLink] = [() => links[0] ?? expect.unreachable(), () => links[1] ?? expect.unreachable()];
  beforeAll(async () => {
    redis = await startRedis();
    const databaseUrl = await createPostgresDatabase();
    for (let i = 0; i < 2; i++) {
      const link = createLink(`http://127.0.0.1:${redis.port}`);
      links.push(link);
      const env = { REDIS_URL: `redis://127.0.0.1:${new URL(link.url).port}` };
      apps.push(await startApp({ databaseUrl, env, overrides: { clock, roles: ["web"] } }));
    }
  });
  afterAll(async () => {
    redis?.resume();
    await Promise.all(apps.map((app) => app.stop()));
    for (const link of links) link.stop();
    await redis?.stop();
  });
  const brokers = (up: number, servers = apps) =>
    Promise.all(servers.map(({ url }) => scrapeUntil(url, (now) => now.value("taskwire_broker_up") === up)));
  const mend = async () => {
    redis.resume();
    for (const link of links) {
      link.cut();
      link.mend();
    }
    await brokers(1);
  };
  afterEach(mend);

  /** Somebody who is signed in here and listens there. */
  async function makeListener() {
    const { visitor } = await signUp(here().url);
    const { token } = await getToken(visitor);
    const wire = await openWire(there().url, { token });
    await wire.take("connected");
    let closedAtMs = 0;
    const closed = wire.closed.then(({ code }) => {
      closedAtMs = performance.now();
      return code;
    });
    const revoke = async () => {
      expect((await visitor.call("POST", "/api/auth/sign-out")).status).toBe(200);
      return performance.now();
    };
    return { revoke, closed, isOpen: () => closedAtMs === 0, since: (ms: number) => closedAtMs - ms };
  }

  test.each([
    { name: "stands still", begin: () => redis.pause() },
    { name: "says nothing more to the server that listens", begin: () => thereLink().deafen() },
  ])("[S10] when Redis $name a heartbeat is missed, and the log is looked at at once", async ({ begin }) => {
    for (;;) {
      const listener = await makeListener();
      const begunAtMs = performance.now();
      begin();
      const revokedAtMs = await listener.revoke();
      if (revokedAtMs - begunAtMs < lateMs) {
        expect(await listener.closed).toBe(4403);
        expect(listener.since(revokedAtMs)).toBeLessThan(biteMs);
        return;
      }
      // On a machine as slow as that the look may have been before it was revoked, and the ticks stand still: once more.
      await mend();
    }
  });

  test.each([
    { name: "stands still", begin: () => redis.pause(), end: () => {} },
    { name: "is killed", begin: () => redis.kill(), end: () => redis.restart() },
    { name: "is cut off from the server that listens", begin: () => thereLink().cut(), end: () => {} },
  ])("[S10] once it is known that Redis $name, the log is looked at with each tick", async ({ begin, end }) => {
    const listener = await makeListener();
    await begin();
    await brokers(0, [there()]);
    await listener.revoke();
    expect(listener.isOpen()).toBe(true);
    clock.advance(tickMs / 2);
    expect(await listener.closed).toBe(4403);
    await end();
  });

  test("[S10] a server that cannot reach Redis revokes, and one that hears itself well takes two ticks to find it", async () => {
    const [first, second] = [await makeListener(), await makeListener()];
    hereLink().cut();
    await brokers(0, [here()]);
    await first.revoke();
    clock.advance(tickMs);
    expect(await first.closed).toBe(4403);
    clock.advance(10_000); // by now it counts the other one as gone
    await second.revoke();
    clock.advance(tickMs);
    expect(await second.closed).toBe(4403);
  });

  test("[S10] what was revoked while nobody could hear it is found when Redis is back, without a tick", async () => {
    const listener = await makeListener();
    await redis.kill();
    await brokers(0);
    await listener.revoke();
    await redis.restart();
    expect(await listener.closed).toBe(4403);
  });
});
