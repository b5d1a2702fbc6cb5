/** Who sends too much at once is cut off; the operator finds out why (S8). */
import { afterAll, expect, test } from "bun:test";
import { createLog } from "../../src/core/log.ts";
import { startApp } from "../support/app.ts";
import { makePerson } from "../support/people.ts";
import { scrape } from "../support/scrape.ts";
import { clientKinds, openSocketIo } from "../support/socketio-client.ts";
import { openLive } from "../support/wire.ts";

const lines: string[] = [];
const log = createLog({ logLevel: "debug", logFormat: "json" }, (line) => void lines.push(line));
const app = await startApp({ overrides: { log } });
afterAll(() => app.stop());

const text = "x".repeat(65_536);
const told = () => lines.filter((line) => line.includes("WEBSOCKET_MAX_PAYLOAD_BYTES")).map((line) => JSON.parse(line));
const counted = async () => (await scrape(app.url)).value("taskwire_connections_closed_total", { code: "1009" });

test("[S8] a frame or POST that is too large is one line for whoever debugs, and is counted as 1009", async () => {
  const ana = await makePerson(app, "Ana");
  const wire = await openLive(app.url, ana.token);
  const session_id = wire.frames[0]?.data.session_id;
  wire.sendText(text + text);
  expect((await wire.closed).code).toBe(1009);
  expect(told()).toMatchObject([{ level: "debug", session_id, user_id: ana.id, transport: "websocket" }]);

  for (const [i, kind] of clientKinds.slice(0, 2).entries()) {
    const client = openSocketIo(app.url, { kind, auth: { token: ana.token } });
    await client.take("connected");
    const { id } = client;
    client.emit("ping", { text });
    await client.disconnected;
    expect(told()).toHaveLength(i + 2);
    expect(told().at(-1)).toMatchObject({ level: "debug", session_id: id, user_id: ana.id, transport: "socketio" });
  }
  expect(await counted()).toBe(3);
  expect(JSON.stringify(lines)).not.toContain(text.slice(0, 100));
});
