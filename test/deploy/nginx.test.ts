/** docs/deploy/nginx.conf as it stands, but for the names and ports it says to change, in a real nginx. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { variables } from "../../src/core/variables.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { findNginx, type Nginx, startNginx } from "../support/nginx.ts";
import { makePerson } from "../support/people.ts";
import { pathOf } from "../support/repository.ts";
import { freePort } from "../support/services.ts";

const nginx = findNginx();

const page = readFileSync(pathOf("docs/deploy/nginx.conf"), "utf8");
const tls = { rejectUnauthorized: false };

describe.if(nginx !== undefined)("nginx in front", () => {
  const ports = { http: freePort(), https: freePort() };
  /** Over IPv6, so that the client's address is another one than nginx's own, 127.0.0.1. */
  const url = `https://[::1]:${ports.https}`;
  const publicUrl = `https://localhost:${ports.https}`;
  let app: TestApp | undefined;
  let proxy: Nginx | undefined;

  beforeAll(async () => {
    app = await startApp({ env: { TRUSTED_PROXIES: "127.0.0.1", PUBLIC_URL: publicUrl } });
    const certificate = pathOf("test/cli/localhost.pem");
    const site = page
      .replaceAll("tasks.example.org", "localhost")
      .replace(/\/etc\/ssl\/taskwire\/\w+\.pem/g, certificate)
      .replace("127.0.0.1:3000", new URL(app.url).host)
      .replace(/(listen +(?:\[::\]:)?)80;/g, `$1${ports.http};`)
      .replace(/(listen +(?:\[::\]:)?)443 /g, `$1${ports.https} `);
    proxy = await startNginx(nginx ?? "", site, ports.https);
  });
  afterAll(async () => {
    await proxy?.stop();
    await app?.stop();
  });

  const started = (): TestApp => {
    if (!app) throw new Error("the application runs inside of tests only");
    return app;
  };

  test("the page comes over https, and http leads there", async () => {
    const answer = await fetch(url, { tls });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.headers.get("strict-transport-security")).toContain("max-age=");
    const plain = await fetch(`http://127.0.0.1:${ports.http}/somewhere?a=1`, {
      redirect: "manual",
      headers: { Host: "localhost" },
    });
    expect([plain.status, plain.headers.get("location")]).toEqual([301, "https://localhost/somewhere?a=1"]);
  });

  test("the server sees the client's own address, whatever the client says it is", async () => {
    const answer = await fetch(`${url}/api/auth/sign-up/email`, {
      method: "POST",
      tls,
      headers: {
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.7",
        "x-real-ip": "203.0.113.7",
        forwarded: "for=203.0.113.7",
        origin: publicUrl,
      },
      body: JSON.stringify({ email: "nginx@example.org", name: "Nginx", password: "correct horse battery" }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).toContain("Secure");
    const rows = await started().database.sql<{ ip_address: string }[]>`
      select s.ip_address from sessions s join users u on u.id = s.user_id where u.email = 'nginx@example.org'`;
    // Of an IPv6 address the /64 is kept: here that of ::1.
    expect(rows.map(({ ip_address }) => ip_address)).toEqual([Array(8).fill("0000").join(":")]);
  });

  test("the API answers, also about a body that is too large, in its own words", async () => {
    const ana = await makePerson(started(), "nginx-ana");
    const post = (name: string) =>
      fetch(`${url}/api/projects`, {
        method: "POST",
        tls,
        headers: { authorization: `Bearer ${ana.token}`, "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
    expect((await post("Through nginx")).status).toBe(201);
    const refused = await post("x".repeat(5 * 1024 * 1024));
    expect([refused.status, refused.headers.get("content-type")]).toEqual([413, "application/problem+json"]);
  });

  test("a socket is upgraded, authenticated and answered", async () => {
    const ana = await makePerson(started(), "nginx-socket");
    const headers = { authorization: `Bearer ${ana.token}` };
    // Bun's options, which the browser's type of the constructor does not know.
    const socket: WebSocket = Reflect.construct(WebSocket, [`${url.replace("https", "wss")}/ws`, { headers, tls }]);
    const heard: string[] = [];
    const two = Promise.withResolvers<void>();
    socket.onmessage = ({ data }) => {
      heard.push(JSON.parse(String(data)).event ?? JSON.parse(String(data)).id);
      if (heard.length === 1) socket.send(JSON.stringify({ id: "answer", event: "ping" }));
      else two.resolve();
    };
    await two.promise;
    expect(heard).toEqual(["connected", "answer"]);
    const closed = new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    socket.close(1000);
    expect((await closed).code).toBe(1000);
  });

  test("nobody reads the server's metrics through it", async () => {
    expect((await fetch(`${url}/metrics`, { tls })).status).toBe(404);
    expect((await fetch(`${started().url}/metrics`)).status).toBe(200);
  });
});

test("nginx waits longer for a silent socket than the server does", () => {
  const socket = /location = \/ws \{[^}]*\}/.exec(page)?.[0] ?? "";
  const seconds = (name: string): number => Number(new RegExp(`${name}\\s+(\\d+)s;`).exec(socket)?.[1]);
  expect(seconds("proxy_read_timeout")).toBeGreaterThan(variables.WEBSOCKET_PING_INTERVAL.parse(undefined));
  expect(seconds("proxy_read_timeout")).toBeGreaterThan(variables.WEBSOCKET_PING_TIMEOUT.parse(undefined));
  expect(seconds("proxy_send_timeout")).toBeGreaterThan(variables.WEBSOCKET_PING_TIMEOUT.parse(undefined));
});
