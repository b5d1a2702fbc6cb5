import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { clientAddressHeader } from "../../src/core/client-address.ts";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import { createMeter } from "../../src/core/meter.ts";
import { createFetch } from "../../src/http/wrap.ts";
import { AppError } from "../../src/protocol/errors.ts";

let logged = "";
const log = createLog({ logLevel: "debug", logFormat: "json" }, (line) => {
  logged += line;
});
const config = loadConfig({
  MODE: "test",
  PUBLIC_URL: "https://tasks.example.org",
  CORS_ORIGINS: "https://app.example.com",
});
const listed = "https://app.example.com";

const answers: Record<string, (request: Request) => Response> = {
  "/ok": () => Response.json({ ok: true }),
  "/redirect": () => Response.redirect("/ok"),
  "/cached": () => new Response("x", { headers: { "cache-control": "public", vary: "Accept-Encoding" } }),
  "/address": (request) => new Response(request.headers.get(clientAddressHeader)),
  "/conflict": () => {
    throw new AppError("conflict", "changed by Ana", { current: { id: "1", version: 4 } });
  },
  "/invalid": () => {
    throw new AppError("invalid", "title: too long", { errors: [{ path: "title", message: "too long" }] });
  },
  "/limited": () => {
    throw new AppError("rate_limited", "slower", { retryAfter: 2.2 });
  },
  "/bug": () => {
    throw new Error("canary-cause at /srv/secret.ts");
  },
};

const fetchAnswer = createFetch({ config, log, meter: createMeter() }, (request, { url }) => {
  const answer = answers[url.pathname];
  if (!answer) throw new AppError("not_found", "there is nothing at this path");
  return answer(request);
});
let server: Bun.Server<undefined>;
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request, server) => (await fetchAnswer(request, server)) ?? new Response(),
  });
});
afterAll(() => server.stop(true));

const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, server.url), { redirect: "manual", ...init });

/** The whole answer to a request written by hand. */
const askRaw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(server.port ?? 0, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });

describe("headers of every answer", () => {
  for (const path of ["/ok", "/redirect", "/cached", "/conflict", "/bug", "/nowhere"]) {
    test(`${path} carries the strict policy, no inline script and an id`, async () => {
      const { headers } = await ask(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
      expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
      expect(headers.get("cache-control")).toBe(path === "/cached" ? "public" : "no-store");
    });
  }

  test("a sane request id is kept, another one replaced", async () => {
    const idOf = async (id: string) =>
      (await ask("/ok", { headers: { "x-request-id": id } })).headers.get("x-request-id");
    expect(await idOf("trace-0001.a:b_c")).toBe("trace-0001.a:b_c");
    expect(await idOf("short")).toMatch(/^[\da-f-]{36}$/);
    expect(await idOf('{"a":"<script>"}')).toMatch(/^[\da-f-]{36}$/);
  });

  test("the header of the client's address cannot be forged", async () => {
    const answer = await ask("/address", {
      headers: { [clientAddressHeader]: "1.1.1.1", "x-forwarded-for": "2.2.2.2" },
    });
    expect(await answer.text()).toBe("127.0.0.1");
  });
});

test("whoever asks for the connection to be closed is told that it will be; nobody else is", async () => {
  const ask = (more: string) =>
    askRaw(`GET /ok HTTP/1.1\r\nHost: a\r\n${more}\r\nGET /ok HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n`);
  const counts = (answers: string) => [
    answers.match(/HTTP\/1.1 200/g)?.length,
    answers.match(/connection: close/gi)?.length,
  ];
  expect(counts(await ask("Connection: keep-alive, close\r\n"))).toEqual([1, 1]);
  expect(counts(await ask(""))).toEqual([2, 1]);
});

describe("CORS", () => {
  test("a listed origin may read answers and errors, with credentials", async () => {
    for (const path of ["/cached", "/conflict"]) {
      const { headers } = await ask(path, { headers: { origin: listed } });
      expect(headers.get("access-control-allow-origin")).toBe(listed);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("vary")).toContain("Origin");
    }
    expect((await ask("/cached")).headers.get("vary")).toBe("Accept-Encoding, Origin");
  });

  for (const origin of ["https://evil.example", "null", `${listed}.evil.example`, "https://evilapp.example.com"]) {
    test(`${origin} may not`, async () => {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await ask("/ok", { method, headers: { origin, "access-control-request-method": "PATCH" } });
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    });
  }

  test("a preflight is answered before anything else", async () => {
    const headers = { origin: listed, "access-control-request-method": "PATCH" };
    const answer = await ask("/bug", { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(answer.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  });
});

describe("[H1] errors", () => {
  test("hold exactly the fields of the contract", async () => {
    const answer = await ask("/conflict", { headers: { "x-request-id": "request-1" } });
    expect(answer.status).toBe(409);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toEqual({
      type: "urn:taskwire:error:conflict",
      title: "In conflict with what is there now",
      status: 409,
      code: "conflict",
      detail: "changed by Ana",
      current: { id: "1", version: 4 },
      request_id: "request-1",
    });
    const invalid = await (await ask("/invalid")).json();
    expect(invalid).toMatchObject({ status: 422, code: "invalid", errors: [{ path: "title", message: "too long" }] });
  });

  test("say when to come back, in whole seconds", async () => {
    const answer = await ask("/limited");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "3"]);
  });

  test("an unknown failure tells nothing of its cause but the id under which it is logged", async () => {
    const answer = await ask("/bug", { headers: { "x-request-id": "request-of-bug" } });
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).not.toContain("canary-cause");
    expect(JSON.parse(text)).toMatchObject({ code: "internal", request_id: "request-of-bug" });
    const line =
      logged
        .split("\n")
        .find((candidate) => candidate.includes("request failed") && candidate.includes("request-of-bug")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ level: "error", request_id: "request-of-bug" });
    expect(line).toContain("canary-cause");
  });

  test("the query of a request, which may hold secrets, is not logged", async () => {
    await ask("/ok?token=canary-query");
    expect(logged).toContain("request answered");
    expect(logged).not.toContain("canary-query");
  });

  test("TRACE is refused and does not echo the request", async () => {
    const answer = await askRaw("TRACE /ok HTTP/1.1\r\nHost: a\r\nX-Canary: canary-trace\r\nConnection: close\r\n\r\n");
    expect(answer).toStartWith("HTTP/1.1 405");
    expect(answer).toContain('"code":"method_not_allowed"');
    expect(answer).not.toContain("canary-trace");
  });

  test("a Host that is no host is a mistake of the caller", async () => {
    const answer = await askRaw("GET /ok HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 4(00|22)/);
  });
});
