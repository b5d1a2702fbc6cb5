/** The reference as it is served, and whether it tells the truth about the server that serves it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { requireDocumented } from "../../src/http/documented.ts";
import { accountEndpoints } from "../../src/protocol/accounts.ts";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { operationEndpoints } from "../../src/protocol/operations.ts";
import { startApp, type TestApp } from "../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const anyId = "01a1fc22-a9a6-7123-9a43-d0bc2a366d36";
const addressOf = (path: string): string =>
  `${app.url}${path.replace(/:\w*emoji/, "%F0%9F%91%8D").replace(/:\w+/g, anyId)}`;
const ask = (path: string, init: BunFetchRequestInit = {}) => fetch(`${app.url}${path}`, init);
const file = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
const json = (body: object) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

describe("[H1] every route of the reference is served", () => {
  /** Public paths answer by themselves: with what they have, or that a body is missing. Nobody is signed in to the others. */
  const wanted = ({ who, body, path }: Endpoint): readonly number[] => {
    // Of a link without its signature.
    if (path === "/unsubscribe") return [404];
    if (who === "anyone") return body ? [415] : [200];
    // Their bodies are read before the session is looked for.
    return path.startsWith("/api/auth/") && body ? [415] : [401];
  };
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    test(`${name}: ${endpoint.method} ${endpoint.path}`, async () => {
      const response = await fetch(addressOf(endpoint.path), { method: endpoint.method });
      expect(wanted(endpoint)).toContain(response.status);
    });
  }

  test("and what is not in it is not", async () => {
    for (const path of ["/api/nothing", "/api/auth/nothing", "/api/auth/ok", "/nothing", "/docs/nothing"])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    const method = await ask("/docs", { method: "POST" });
    expect([method.status, method.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const sign = await ask("/api/auth/sign-out");
    expect([sign.status, sign.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

describe("the reference", () => {
  for (const name of ["openapi.json", "asyncapi.json"] as const) {
    test(`/${name} is docs/${name}, packed, and sent again only when it changed`, async () => {
      const plain = await ask(`/${name}`, { headers: { "accept-encoding": "identity" } });
      expect(plain.headers.get("content-type")).toBe("application/json");
      expect((await plain.text()) === file(name)).toBe(true);
      const packed = await ask(`/${name}`, { headers: { "accept-encoding": "br" }, decompress: false });
      expect(packed.headers.get("content-encoding")).toBe("br");
      const bytes = new Uint8Array(await packed.arrayBuffer());
      expect(bytes.byteLength).toBeLessThan(40_000);
      expect(brotliDecompressSync(bytes).toString() === file(name)).toBe(true);
      const etag = packed.headers.get("etag") ?? "";
      const again = await ask(`/${name}`, { headers: { "accept-encoding": "br", "if-none-match": etag } });
      expect([etag.length > 2, again.status]).toEqual([true, 304]);
    });
  }

  test("the page is HTML without script or inline style, and names every route, event, frame and error", async () => {
    const page = await ask("/docs");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    const text = await page.text();
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/i);
    for (const { path } of Object.values(endpoints)) expect(text).toContain(`<code>${path}</code>`);
    for (const name of [...text.matchAll(/href="#([^"]+)"/g)].map(([, id = ""]) => id))
      expect(text).toContain(`id="${name}"`);
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const stylesheet = /href="(\/docs\/[^"]+\.css)"/.exec(text)?.[1] ?? "";
    const style = await ask(stylesheet);
    expect([style.status, style.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
    expect(style.headers.get("cache-control")).toContain("immutable");
  });
});

describe("[H3] paths of accounts and operations answer what the reference declares", () => {
  test("from signing up to signing out", async () => {
    const signIn = { email: `${crypto.randomUUID()}@example.org`, password: "correct horse battery" };
    let cookie = "";
    const call = async (endpoint: Endpoint, body?: object): Promise<void> => {
      const init = body ? json(body) : { method: endpoint.method, headers: {} };
      const response = await ask(endpoint.path, { ...init, headers: { ...init.headers, cookie } });
      await requireDocumented(endpoint, response);
      const [set] = response.headers.getSetCookie();
      if (set) cookie = set.split(";")[0] ?? "";
    };
    await call(accountEndpoints.readSignUp);
    await call(accountEndpoints.getAccountSession);
    await call(accountEndpoints.signUp, { ...signIn, name: "Ana" });
    await call(accountEndpoints.signIn, signIn);
    await call(accountEndpoints.getAccountSession);
    await call(accountEndpoints.listAccountSessions);
    await call(accountEndpoints.updateAccount, { name: "Anna" });
    await call(accountEndpoints.revokeAccountSession, { token: "none of hers" });
    await call(accountEndpoints.revokeOtherAccountSessions);
    await call(accountEndpoints.changePassword, {
      currentPassword: signIn.password,
      newPassword: "staple horse battery",
    });
    await call(accountEndpoints.signOut);
    await call(accountEndpoints.signIn, { ...signIn, password: "staple horse battery" });
    await call(accountEndpoints.revokeAccountSessions);
  });

  test("health and the reference itself", async () => {
    const { readReference, ...answering } = operationEndpoints;
    for (const endpoint of Object.values(answering))
      await requireDocumented(endpoint, await ask(endpoint.path, { headers: { "accept-encoding": "identity" } }));
    expect(readReference.path).toBe("/docs");
  });
});
