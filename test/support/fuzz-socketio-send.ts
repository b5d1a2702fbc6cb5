/** Sends packets of Socket.IO and says what is wrong about what came of it: the session lives, or is closed as it should be. */
import type { EngineRequestInput, PacketsInput } from "./fuzz-socketio.ts";
import type { World } from "./fuzz-world.ts";
import { type EngineWebSocket, type EngineWire, engineWire } from "./socketio-wire.ts";

type Verdict = Promise<string | undefined>;

const separator = "\x1e";
/** The ping that is sent last: whoever is still in the namespace then hears its acknowledgement. */
const mark = '42424242["ping"]';
const markAnswer = "43424242[";

/** Added to a room again that it was removed from: it resumes (S9). */
const resumeCode = 4408;
/** The client's own end, too large, not the protocol, or removed from a room and added to it again (S9). */
const closeCodes: ReadonlySet<number> = new Set([1000, 1005, 1009, 4400, resumeCode]);
/** Of a POST or poll: taken, not the protocol (or over), too large. */
const statuses: ReadonlySet<number> = new Set([200, 400, 413]);
/** More than a session has to say before the mark is answered. */
const pollsMax = 100;

const bytesOf = (packet: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(packet.slice(1), "base64"));
const leakOf = (world: World, heard: string): string | undefined =>
  heard.includes(world.canary) ? `strangers' things were told: ${heard.slice(0, 500)}` : undefined;

export async function sendPackets(world: World, { caller, by, enters, packets, calm }: PacketsInput): Verdict {
  const wire = engineWire(world.server.url, "/socket.io/");
  const enter = enters ? [`40${JSON.stringify({ token: world.credential(caller).token })}`] : [];
  const all = [...enter, ...packets.map(world.resolve), mark];
  if (by === "websocket") return bySocket(world, wire.socket(), all, calm);
  const sid = await wire.open();
  if (by === "polling") return byPolling(world, wire, sid, all, calm);
  const socket = wire.socket(sid);
  await socket.opened;
  socket.send("2probe");
  if ((await socket.next()) !== "3probe") return "the probe was not answered";
  socket.send("5");
  return bySocket(world, socket, all, calm);
}

async function bySocket(world: World, socket: EngineWebSocket, packets: readonly string[], calm: boolean): Verdict {
  await socket.opened;
  for (const packet of packets) socket.send(packet.startsWith("b") ? bytesOf(packet) : packet);
  const over = socket.closed.then(() => undefined);
  for (;;) {
    const frame = await Promise.race([socket.next().catch(() => undefined), over]);
    if (frame === undefined) break;
    const leak = leakOf(world, String(frame));
    if (leak) return leak;
    if (typeof frame !== "string" || !frame.startsWith(markAnswer)) continue;
    socket.close();
    return undefined;
  }
  const code = await socket.closed;
  const expected = calm ? code === resumeCode : closeCodes.has(code);
  return expected ? undefined : `closed with ${code}`;
}

async function byPolling(
  world: World,
  wire: EngineWire,
  sid: string,
  packets: readonly string[],
  calm: boolean,
): Verdict {
  const posted = await wire.post(sid, packets.join(separator));
  if (!statuses.has(posted.status)) return `a POST was answered ${posted.status} ${posted.text}`;
  for (let polls = 0; polls < pollsMax; polls++) {
    const { status, text } = await wire.poll(sid);
    if (!statuses.has(status)) return `a poll was answered ${status} ${text}`;
    if (calm && status !== 200 && !(await isToResume(wire, sid, packets)))
      return `the session ended: ${status} ${text}`;
    const leak = leakOf(world, text);
    if (leak !== undefined || status !== 200) return leak;
    if (!text.includes(markAnswer)) continue;
    const left = await wire.post(sid, "1");
    return statuses.has(left.status) ? undefined : `a goodbye was answered ${left.status}`;
  }
  return "it is polled on and on";
}

/**
 * As a WebSocket that hears `resumeCode`: one that joined a room, was removed from it and added again by others. A poll has no
 * close codes; a session that ended for its client to come back is told by a POST, which is still taken.
 */
async function isToResume(wire: EngineWire, sid: string, packets: readonly string[]): Promise<boolean> {
  return packets.some((packet) => packet.includes('"join_project"')) && (await wire.post(sid, "6")).status === 200;
}

export async function sendEngineRequest(world: World, { method, query, body, headers }: EngineRequestInput): Verdict {
  const answer = await fetch(`${world.server.url}/socket.io/?${query}`, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body !== undefined && method !== "GET" && method !== "HEAD" && { body }),
  });
  const text = await answer.text();
  return answer.status < 500 ? leakOf(world, text) : `answered ${answer.status} ${text}`;
}
