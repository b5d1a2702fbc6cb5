/** Sends one input and answers what is wrong about what came back, in words; undefined where nothing is. */
import { connect } from "node:net";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { BytesInput, Damage, FrameInput, Input, RequestInput } from "./fuzz-inputs.ts";
import { type Line, openLine, type Speech, socketIoSpeech } from "./fuzz-line.ts";
import { judgeAnswer, judgeError, judgeProblem } from "./fuzz-oracle.ts";
import { nounOf } from "./fuzz-requests.ts";
import { sendEngineRequest, sendPackets } from "./fuzz-socketio-send.ts";
import { alter, mustBeRefused, type TokenInput } from "./fuzz-tokens.ts";
import type { World } from "./fuzz-world.ts";
import { openWire } from "./wire.ts";

type Verdict = Promise<string | undefined>;

export interface Sender {
  send(input: Input): Verdict;
  /** Names of endpoints and frames, with how often each succeeded. */
  readonly successes: ReadonlyMap<string, number>;
  close(): void;
}

/** An input that is answered later than this is not answered. */
const answerDeadlineMs = 30_000;

export function createSender(world: World, hostSecret: string): Sender {
  const lines = new Map<string, Promise<Line>>();
  const successes = new Map<string, number>();
  const succeeded = (name: string): void => void successes.set(name, (successes.get(name) ?? 0) + 1);
  const lineOf = async (caller: FrameInput["caller"], speech?: Speech): Promise<Line | undefined> => {
    const { token } = world.credential(caller);
    const name = `${caller} ${token} ${speech?.path}`;
    const known = await lines.get(name);
    if (known?.open) return known;
    const opening = openLine(world, world.credential(caller), succeeded, speech);
    lines.set(name, opening);
    // A key that was deleted opens nothing until the world is restored.
    return opening.catch((error) => {
      lines.delete(name);
      if (token.startsWith("tw_")) return undefined;
      throw error;
    });
  };
  const send = async (input: Input): Verdict => {
    if (input.kind === "request") return sendRequest(world, input, succeeded);
    if (input.kind === "token") return sendToken(world, input, hostSecret);
    if (input.kind === "packets") return sendPackets(world, input);
    if (input.kind === "engine request") return sendEngineRequest(world, input);
    if (input.kind !== "frame" && input.kind !== "socketio frame") return sendBytes(world, input);
    const line = await lineOf(input.caller, input.kind === "frame" ? undefined : socketIoSpeech);
    return line?.send(input.event, world.resolve(input.text));
  };
  return {
    successes,
    send: (input) => within(send(input), `not answered within ${answerDeadlineMs} ms`),
    close() {
      for (const line of lines.values())
        void line.then(
          (open) => open.close(),
          () => {},
        );
    },
  };
}

function within(verdict: Verdict, late: string): Verdict {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(late), answerDeadlineMs);
  const failed = (error: unknown): string => `threw ${error}`;
  return Promise.race([verdict.catch(failed), promise]).finally(() => clearTimeout(timer));
}

const uuidLength = 36;
const hugeBytes = 1_100_000;

/** The bytes of a body. */
function damaged(text: string, damage: Damage): Uint8Array<ArrayBuffer> {
  const made: Record<Damage, () => Uint8Array> = {
    none: () => Buffer.from(text),
    cut: () => Buffer.from(text.slice(0, text.length >> 1)),
    latin1: () => Buffer.from(`${text}é`, "latin1"),
    bom: () => Buffer.from(`\ufeff${text}`),
    twice: () => Buffer.from(text + text),
    trailing: () => Buffer.from(`${text} x`),
    empty: () => Buffer.alloc(0),
    doubled: () => Buffer.from(text.replace(/^\{(?=")/, '{"mutation_id":"m1","title":1,"title":2,')),
    utf16: () => Buffer.from(text, "utf16le"),
    nan: () => Buffer.from(text.replace(/\d+/, "NaN")),
    overlong: () => Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0x80])]),
    huge: () => Buffer.from(text.padEnd(hugeBytes)),
  };
  return new Uint8Array(made[damage]());
}

async function sendRequest(world: World, input: RequestInput, succeeded: (name: string) => void): Verdict {
  const endpoint: Endpoint = endpoints[input.endpoint];
  const body = input.body === undefined ? undefined : damaged(world.resolve(input.body), input.damage);
  const headers = new Headers({
    ...(body && { "content-type": "application/json" }),
    ...world.credential(input.caller).headers,
  });
  for (const [name, value] of input.headers) headers.set(name, value);
  const path = world.resolve(input.path);
  const response = await fetch(`${world.server.url}${path}`, {
    method: endpoint.method,
    headers,
    ...(body && { body }),
    redirect: "manual",
  });
  const text = await response.text();
  const answer = { status: response.status, type: response.headers.get("content-type") ?? "", text };
  if (answer.status < 300) {
    if (endpoint.method === "DELETE")
      world.things.forget(path.split(/[/?]/).findLast((part) => part.length === uuidLength) ?? "");
    learn(world, endpoint, text);
    succeeded(input.endpoint);
  }
  if (answer.status === 401 && input.caller === "guest") world.guestLost();
  if (text.includes(world.canary)) return `strangers' things were told: ${text.slice(0, 500)}`;
  return judgeAnswer(endpoint, answer, moreCodes(input, path));
}

/** Codes that the input itself asks for, whatever the endpoint. */
function moreCodes({ path }: RequestInput, sent: string): ErrorCode[] {
  const codes: ErrorCode[] = [];
  // A parameter that breaks the path in two, or leaves the API.
  if (/%|[^\w/‹›.!:-]/.test(path.split("?")[0] ?? "") || sent.length > 2_000)
    codes.push("not_found", "method_not_allowed");
  // A token in the address is refused wherever it stands (S1).
  if (/[?&]token=/.test(sent)) codes.push("unauthenticated");
  return codes;
}

function learn(world: World, endpoint: Endpoint, text: string): void {
  if (endpoint.status === 201) {
    const { id }: { id?: unknown } = JSON.parse(text);
    if (typeof id === "string") world.things.put(nounOf(endpoint), id);
  }
  const cursor = /"next_cursor":"([^"]+)"/.exec(text)?.[1];
  if (cursor !== undefined) world.things.put("cursors", cursor);
}

async function sendToken(world: World, input: TokenInput, hostSecret: string): Verdict {
  const base = { host: "member", own: "administrator", key: "readKey" } as const;
  const { token } = world.credential(base[input.base]);
  if (token === "") return undefined;
  const altered = alter(token, input.change, hostSecret);
  const refused = mustBeRefused(input, token, altered);
  const verdict = await show(world, altered, input.way);
  if (verdict.problem !== undefined) return verdict.problem;
  return refused && verdict.taken ? `an altered token was taken: ${altered.slice(0, 500)}` : undefined;
}

interface Shown {
  readonly taken: boolean;
  readonly problem?: string | undefined;
}

async function show(world: World, token: string, way: TokenInput["way"]): Promise<Shown> {
  if (way === "header") return showRequest(world, { authorization: `Bearer ${token}` });
  if (way === "cookie") return showRequest(world, { cookie: `taskwire.session_token=${token}` });
  const { url } = world.server;
  if (way === "frame") {
    const wire = await openWire(url);
    wire.send({ id: 1, event: "authenticate", data: { token } });
    const { ok, error } = await wire.take(({ id }) => id === 1);
    if (error?.code === "unauthenticated" && (await wire.closed).code !== 4401)
      return { taken: false, problem: "not closed with 4401" };
    wire.destroy();
    return { taken: ok === true, problem: ok ? undefined : judgeError(error) };
  }
  const wire = await openWire(url, way === "upgrade" ? { token } : { protocols: ["taskwire.v1", `bearer.${token}`] });
  const { status, body, headers } = wire;
  if (status !== 101)
    return { taken: false, problem: judgeRefusal({ status, type: headers.get("content-type") ?? "", text: body }) };
  const connected = wire.take("connected").then(
    () => true,
    () => false,
  );
  const taken = await connected;
  const closed = taken ? undefined : await wire.closed;
  wire.destroy();
  return { taken, problem: closed && closed.code !== 4401 ? `closed with ${closed.code}` : undefined };
}

async function showRequest(world: World, headers: Record<string, string>): Promise<Shown> {
  const response = await fetch(`${world.server.url}/api/me`, { headers });
  const answer = {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    text: await response.text(),
  };
  return { taken: answer.status === 200, problem: answer.status === 200 ? undefined : judgeRefusal(answer) };
}

/** The listener itself refuses what is no HTTP, without a body. */
const bareStatuses: ReadonlySet<number> = new Set([400, 411, 413, 414, 417, 426, 431]);

function judgeRefusal(answer: { status: number; type: string; text: string }): string | undefined {
  if (answer.status < 400 || answer.status >= 500) return `answered ${answer.status} ${answer.text.slice(0, 300)}`;
  if (bareStatuses.has(answer.status)) return undefined;
  return judgeProblem(answer);
}

async function sendBytes(world: World, { kind, bytes }: BytesInput): Verdict {
  const sent = Buffer.from(world.resolve(bytes), "latin1");
  if (kind === "http bytes") return judgeBytes(await exchange(world.server.url, sent), world.canary);
  const wire = await openWire(world.server.url, { token: world.people.member.token });
  wire.sendRaw(sent);
  wire.close();
  wire.finish(); // what waits for more bytes than there are hears that none will come
  const { code } = await wire.closed;
  const bad = wire.frames.map(({ ok, error, event, data }) =>
    ok === false ? judgeError(error) : event === "error" ? judgeError(data) : undefined,
  );
  return socketCodes.has(code) || isEchoed(code) ? bad.find((problem) => problem !== undefined) : `closed with ${code}`;
}

/** A close frame among the bytes is answered with its own code, where that is for applications to choose. */
const isEchoed = (code: number): boolean => code >= 3_000 && code <= 4_999;

/** After bytes that are no frames: RFC 6455 7.4.1, S9, or without a word. */
const socketCodes: ReadonlySet<number> = new Set([1000, 1001, 1002, 1005, 1006, 1007, 1009, 4400]);

/** All that comes back over one connection, until either side ends it. */
function exchange(url: string, bytes: Uint8Array): Promise<string> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.on("data", (chunk) => (heard += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(heard));
  });
}

function judgeBytes(heard: string, canary: string): string | undefined {
  if (heard === "") return undefined;
  if (heard.includes(canary)) return "strangers' things were told";
  for (const [, status = ""] of heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
    // 505 is the listener's word for a version that is not HTTP/1.
    if (Number(status) >= 500 && status !== "505") return `answered ${heard.slice(0, 500)}`;
  }
  return heard.startsWith("HTTP/1.1 ") ? undefined : `answered what is no HTTP: ${heard.slice(0, 200)}`;
}
