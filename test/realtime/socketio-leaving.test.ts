/** Clients that leave the main namespace while their session goes on. */
import { describe, expect, test } from "bun:test";
import { addMember, makeTask, ok } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { engineWire } from "../support/socketio-wire.ts";

const home = useSocketApp();
const wire = () => engineWire(home.app.url, "/socket.io/");

/** Packets of Socket.IO in a session, one after the other. */
interface Session {
  say(packet: string): Promise<unknown>;
  next(): Promise<string>;
}

async function openBySocket(): Promise<Session> {
  const socket = wire().socket();
  await socket.next();
  return {
    say: async (packet) => socket.send(packet),
    next: async () => String(await socket.nextBut("2")),
  };
}

async function openByPolling(): Promise<Session> {
  const sid = await wire().open();
  const packets: string[] = [];
  return {
    say: (packet) => wire().post(sid, packet),
    async next() {
      for (;;) {
        const packet = packets.shift();
        if (packet !== undefined) return packet;
        packets.push(...(await wire().poll(sid)).text.split("\x1e").filter((each) => each !== "2"));
      }
    },
  };
}

/** All packets up to the first that begins so. */
async function upTo({ next }: Session, start: string): Promise<string[]> {
  const packets: string[] = [];
  while (!packets.at(-1)?.startsWith(start)) packets.push(await next());
  return packets;
}

const enter = async (session: Session, token: string): Promise<void> => {
  await session.say(`40${JSON.stringify({ token })}`);
  await upTo(session, '42["connected"');
};

describe.each([
  ["by WebSocket", openBySocket],
  ["by polling", openByPolling],
] as const)("a session %s", (_, open) => {
  test("[I3][S10] whoever left the namespace hears nothing of its rooms, nor does whoever enters after that", async () => {
    const [ana, bo, eve] = [await home.person("Ana"), await home.person("Bo"), await home.person("Eve")];
    const project = await home.project(ana, [bo]);
    const listener = await home.connect(ana);
    await listener.ask("join_project", { project_id: project.id });
    const session = await open();
    await enter(session, bo.token);
    await session.say(`421["join_project",{"project_id":"${project.id}"}]`);
    await upTo(session, "431");
    await session.say("41");
    await enter(session, eve.token);
    const heard = async (): Promise<string[]> => {
      await session.say('422["ping",{}]');
      return (await upTo(session, "432")).slice(0, -1);
    };
    await makeTask(ana, project, { title: "not for Eve" });
    const other = await home.project(ana);
    await addMember(ana, other, bo, "member");
    expect(await heard()).toEqual([]);
    // The same person again: what they heard, they hear no more until they join.
    await session.say("41");
    await enter(session, bo.token);
    await makeTask(ana, project, { title: "not joined" });
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${bo.id}`), 204);
    const own = await heard();
    expect(own.filter((packet) => !packet.includes(`"room":"user:${bo.id}"`))).toEqual([]);
    expect(own.some((packet) => packet.includes("project_left"))).toBe(true);
  });
});

test("[I2] whoever leaves while being let in is told of no entry that is over", async () => {
  const ana = await home.person("Ana");
  const enters = `40${JSON.stringify({ token: ana.token })}`;
  for (let round = 0; round < 20; round++) {
    const session = await openBySocket();
    for (const packet of [enters, "41", enters, '421["ping",{}]']) await session.say(packet);
    const packets = await upTo(session, "431");
    const told = (pattern: RegExp) => packets.flatMap((packet) => pattern.exec(packet)?.[1] ?? []);
    expect(told(/^40\{"sid":"([^"]+)"/)).toEqual(told(/^42\["connected",.*?"session_id":"([^"]+)"/));
  }
});
