/** docs/deploy/nginx-nodes.conf as it stands, but for names, ports and TLS, in a real nginx before three small servers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { variableNames } from "../../src/core/variables.ts";
import { findNginx, type Nginx, nodesSite, startNginx } from "../support/nginx.ts";
import { pathOf } from "../support/repository.ts";
import { freePort } from "../support/services.ts";

const program = findNginx();
const page = readFileSync(pathOf("docs/deploy/nginx-nodes.conf"), "utf8");
const alone = readFileSync(pathOf("docs/deploy/nginx.conf"), "utf8");
const asks = 12;

/** Says its name to every request, and to every socket that opens. */
function startNode(name: string, port = 0) {
  return Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(name)),
    websocket: {
      open: (socket) => void socket.send(name),
      message() {},
    },
  });
}

describe.if(program !== undefined)("nginx in front of three nodes", () => {
  const names = ["one", "two", "three"];
  const http = freePort();
  const url = `http://127.0.0.1:${http}`;
  let nodes: ReturnType<typeof startNode>[] = [];
  let nginx: Nginx | undefined;

  beforeAll(async () => {
    nodes = names.map((name) => startNode(name));
    const ports = nodes.map(({ port }) => port ?? 0);
    nginx = await startNginx(program ?? "", nodesSite(page, { http, redirect: freePort() }, ports), http);
  });
  afterAll(async () => {
    await nginx?.stop();
    await Promise.all(nodes.map((node) => node.stop(true)));
  });

  const get = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
  const open = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}${path}`);
      socket.onmessage = ({ data }) => {
        resolve(String(data));
        socket.close();
      };
      socket.onerror = () => reject(new Error(`${path} was refused`));
    });
  /** Who answered, asked one after the other. */
  async function answering(ask: () => Promise<string>): Promise<string[]> {
    const heard = new Set<string>();
    for (let i = 0; i < asks; i++) heard.add(await ask());
    return [...heard].sort();
  }

  test("requests and sockets are spread over all of them", async () => {
    expect(await answering(() => get("/api/me"))).toEqual(names.toSorted());
    expect(await answering(() => open("/ws"))).toEqual(names.toSorted());
    expect(await answering(() => open("/socket.io/?EIO=4&transport=websocket"))).toEqual(names.toSorted());
  });

  test("a Socket.IO session that polls, and its upgrade, stay at one", async () => {
    const [home, ...others] = await answering(() => get("/socket.io/?EIO=4&transport=polling"));
    expect(others).toEqual([]);
    expect(await answering(() => get("/socket.io/?EIO=4&transport=polling&sid=abc"))).toEqual([home ?? ""]);
    expect(await answering(() => open("/socket.io/?EIO=4&transport=websocket&sid=abc"))).toEqual([home ?? ""]);
  });

  test("one that is gone is passed over; when all come back, everybody is let in at once", async () => {
    const ports = nodes.map(({ port }) => port);
    await nodes[0]?.stop(true);
    expect(await answering(() => open("/ws"))).toEqual(["three", "two"]);
    expect(await answering(() => get("/api/me"))).toEqual(["three", "two"]);
    await Promise.all(nodes.map((node) => node.stop(true)));
    expect((await fetch(`${url}/api/me`)).status).toBe(502);
    await Promise.all(Array.from({ length: asks }, () => open("/ws").catch(String)));
    nodes = names.map((name, index) => startNode(name, ports[index]));
    expect(await answering(() => open("/ws"))).toEqual(names.toSorted());
  });

  test("nobody reads the servers' metrics through it", async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });
});

test("for the rest it says what the file for one server says", () => {
  const settings = (text: string): string[] =>
    text
      .slice(text.indexOf("server {\n    listen 443"))
      .split("\n")
      .map((line) => line.trim().replace(/\s+/g, " "))
      .filter((line) => /^(listen|ssl|client_max|proxy_(http|set|read|send))/.test(line));
  const all = settings(page);
  expect(settings(alone).length).toBeGreaterThan(12);
  expect(settings(alone).filter((line) => !all.includes(line))).toEqual([]);
});

const Service = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  networks: z.union([z.array(z.string()), z.object({ nodes: z.object({ ipv4_address: z.string() }) })]),
});

test("compose-nodes.yaml starts the servers that it asks, with settings that exist", () => {
  const text = readFileSync(pathOf("docs/deploy/compose-nodes.yaml"), "utf8");
  const { services } = z.object({ services: z.record(z.string(), Service) }).parse(Bun.YAML.parse(text));
  const addressOf = ({ networks }: z.infer<typeof Service>) =>
    Array.isArray(networks) ? undefined : networks.nodes.ipv4_address;
  const nodes = Object.values(services).filter(({ image }) => image.startsWith("taskwire:"));
  const asked = [...page.matchAll(/server (\S+):3000/g)].map(([, address]) => address);
  expect(nodes.map(addressOf)).toEqual([...new Set(asked)]);
  for (const { environment } of nodes) {
    expect(Object.keys(environment).filter((name) => !variableNames.some((known) => known === name))).toEqual([]);
    expect(services.nginx && addressOf(services.nginx)).toBe(environment.TRUSTED_PROXIES);
    expect(new URL(environment.REDIS_URL ?? "").hostname in services).toBe(true);
  }
  expect(text).not.toMatch(/(PASSWORD|SECRET|TOKEN)\w*:-[^}]/);
});
