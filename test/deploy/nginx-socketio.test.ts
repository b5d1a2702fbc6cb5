/** Real clients of Socket.IO through docs/deploy/nginx-nodes.conf, before three servers that know nothing of each other. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { findNginx, type Nginx, nodesSite, startNginx } from "../support/nginx.ts";
import { pathOf } from "../support/repository.ts";
import { freePort } from "../support/services.ts";
import { clientKinds, openSocketIo } from "../support/socketio-client.ts";
import { startEcho } from "../support/socketio-echo.ts";

const program = findNginx();
const page = readFileSync(pathOf("docs/deploy/nginx-nodes.conf"), "utf8");
const rounds = 6;

describe.if(program !== undefined)("Socket.IO behind nginx and three nodes", () => {
  const http = freePort();
  const url = `http://127.0.0.1:${http}`;
  const nodes = [1, 2, 3].map(() => startEcho({ intervalMs: 25_000 }));
  let nginx: Nginx | undefined;

  beforeAll(async () => {
    const ports = nodes.map((node) => Number(new URL(node.url).port));
    nginx = await startNginx(program ?? "", nodesSite(page, { http, redirect: freePort() }, ports), http);
  });
  afterAll(async () => {
    await nginx?.stop();
    for (const node of nodes) await node.stop();
  });

  test.each(clientKinds)("[I1] a client that connects by $name finds its session with every request", async (kind) => {
    const client = openSocketIo(url, { kind });
    try {
      expect(await client.entered()).toBeUndefined();
      const id = client.id;
      for (let round = 0; round < rounds; round++) {
        const answer: unknown = await client.ask("message-with-ack", round);
        expect(answer).toBe(round);
      }
      expect(client.id).toBe(id);
    } finally {
      client.leave();
    }
  });
});
