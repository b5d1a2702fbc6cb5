import { afterAll, expect, test } from "bun:test";
import { startNetwork } from "../support/network.ts";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { clientKinds, type SocketIoClient } from "../support/socketio-client.ts";

const home = useSocketApp();
const io = useSocketIo(home);
const network = await startNetwork();
afterAll(() => network.stop());

const [bySocket, byPolling, , , , oldest] = clientKinds;
/** More than the server keeps for a client and the system's buffers on the way hold together. */
const updates = 320;
const taskBytes = 45_000;

const seqsOf = (client: SocketIoClient) => client.heard.flatMap(({ data }) => data._meta.seq ?? []);
const lists = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);

test("[I3][S9] a client that stops reading is closed, never left with a hole; it comes back and catches up with `since`", async () => {
  const ana = await home.person("Ana");
  const project = await home.project(ana);
  const long = { title: "Long", description: "x".repeat(taskBytes) };
  const tasks = await Promise.all(Array.from({ length: 8 }, () => makeTask(ana, project, long)));
  const [writer, other] = [await home.connect(ana), await home.connect(ana)];
  const link = await network.open(Number(new URL(home.app.url).port));
  const url = `http://127.0.0.1:${link.port}`;
  const slow = await Promise.all(
    [bySocket, byPolling, oldest].map((kind) => io.connect(ana, { kind, url, reconnection: true })),
  );
  const joined = await other.ask("join_project", { project_id: project.id });
  for (const client of slow) await client.ask("join_project", { project_id: project.id });
  const first = Number(joined.data.seq) + 1;
  const all = Array.from({ length: updates }, (_, i) => first + i);

  await link.set("down");
  for (let i = 0; i < updates; i += tasks.length) {
    const round = tasks.map(({ id }, k) => ({
      id: i + k,
      event: "task_update",
      data: { task_id: id, changes: { title: `t${i}` } },
    }));
    writer.sendTogether(round);
    await writer.take((frame) => frame.id === i + tasks.length - 1);
  }
  await other.take((frame) => frame.seq === all.at(-1));
  await link.set("well");
  for (const client of slow) {
    expect(await client.disconnected).toMatch(/^transport (?:close|error)$/);
    await client.take("connected");
    const heard = seqsOf(client);
    expect(heard.length).toBeLessThan(updates);
    expect(heard).toEqual(all.slice(0, heard.length));
    let since = { epoch: joined.data.epoch, seq: heard.at(-1) ?? first - 1 };
    for (let more = true; more; ) {
      const { data } = await client.ask("join_project", { project_id: project.id, since });
      expect(data.recovered).toBeTrue();
      heard.push(...lists(data.events).map((event) => Number(Object(event).seq)));
      since = { ...since, seq: Number(data.seq) };
      more = data.more === true;
    }
    expect(heard).toEqual(all);
  }
});
