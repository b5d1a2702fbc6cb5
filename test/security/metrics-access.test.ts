import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { startApp, type TestApp } from "../support/app.ts";

describe("GET /metrics", () => {
  const token = "a-token-for-the-scraper";
  /** Of this machine, as others see it. */
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  const status = async (app: TestApp, headers: Record<string, string> = {}, url = app.url): Promise<number> =>
    (await fetch(`${url}/metrics`, { headers })).status;

  test("takes METRICS_TOKEN as a bearer token from wherever, and nothing else", async () => {
    const app = await startApp({ env: { METRICS_TOKEN: token } });
    expect(await status(app)).toBe(401);
    for (const wrong of [`Bearer ${token}x`, `Basic ${token}`, token, "Bearer", `Bearer ${token.slice(1)}`]) {
      expect([wrong, await status(app, { authorization: wrong })]).toEqual([wrong, 401]);
    }
    expect(await status(app, { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status(app, { authorization: `bearer ${token}`, "X-Forwarded-For": "203.0.113.9" })).toBe(200);
    await app.stop();
  });

  test("is for programs of the same machine alone where there is no token, and no header makes one of anybody", async () => {
    const app = await startApp({ env: { TRUSTED_PROXIES: "127.0.0.0/8", HOST: "0.0.0.0" } });
    const { port } = new URL(app.url);
    const local = `http://127.0.0.1:${port}`;
    expect(await status(app, {}, local)).toBe(200);
    expect(await status(app, {}, `http://localhost:${port}`)).toBe(200);
    for (const name of ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"]) {
      expect([name, await status(app, { [name]: "127.0.0.1" }, local)]).toEqual([name, 403]);
    }
    expect(await status(app, { Host: "rebound.example" }, local)).toBe(403);
    expect((await fetch(`${local}/metrics`, { method: "POST" })).status).toBe(405);
    await app.stop();
  });

  test.if(addresses.length > 0)("is refused to whoever comes over the network, whatever its headers say", async () => {
    const app = await startApp({ env: { TRUSTED_PROXIES: addresses.join(), HOST: "0.0.0.0" } });
    for (const address of addresses) {
      const url = `http://${address}:${new URL(app.url).port}`;
      expect(await status(app, {}, url)).toBe(403);
      expect(await status(app, { Host: "localhost" }, url)).toBe(403);
      expect(await status(app, { Host: "localhost", "X-Forwarded-For": "127.0.0.1" }, url)).toBe(403);
    }
    await app.stop();
  });
});
