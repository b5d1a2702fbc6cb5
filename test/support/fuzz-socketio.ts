/** What clients of Socket.IO may say: packets of both protocols, good and bent, in frames, in bodies of polls, in addresses. */
import fc from "fast-check";
import { eventFrames, type FrameCaller } from "./fuzz-frames.ts";
import type { FrameInput } from "./fuzz-inputs.ts";
import { anyCharacter } from "./fuzz-values.ts";

/** An event of the catalogue, by a client that has entered: answered as on a native socket. */
export interface SocketIoFrameInput extends Omit<FrameInput, "kind"> {
  readonly kind: "socketio frame";
}

/** On a session of its own. Packets are text; those that begin with `b` are bytes in base64, as bodies of polls have them. */
export interface PacketsInput {
  readonly kind: "packets";
  readonly caller: FrameCaller;
  readonly by: "websocket" | "polling" | "upgrade";
  /** Does it enter the namespace before? */
  readonly enters: boolean;
  readonly packets: readonly string[];
  /** Nothing in it breaks the protocols: the session must live. */
  readonly calm: boolean;
}

/** A request at the path, of a client that knows no session. */
export interface EngineRequestInput {
  readonly kind: "engine request";
  readonly method: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
}

export type SocketIoInput = SocketIoFrameInput | PacketsInput | EngineRequestInput;

const text = fc.string({ unit: anyCharacter, maxLength: 40 }).map((each) => each.toWellFormed());
const digits = fc.constantFrom("", "0", "7", "007", "-1", "1.5", "9007199254740993", "9".repeat(400));
const namespaces = fc.constantFrom("", "/,", "/custom,", "/nowhere", "/a?token=x,", "/".repeat(200));
const payloads = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 3 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '["ping"]',
      '["ping",{}]',
      '["ping",{},{}]',
      "[]",
      "[null]",
      "[7]",
      '["connect"]',
      '["disconnect"]',
      '["__proto__",{}]',
      '["join_project",{"project_id":"‹projects.0›"}]',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '["ping",{"_placeholder":true,"num":0}]',
      '["ping",{"_placeholder":true,"num":1e9}]',
      '["ping",{"_placeholder":true,"num":-1}]',
      '["ping",{"_placeholder":true,"num":"__proto__"}]',
      '["new_comment",{"task_id":"‹tasks.0›","content":{"_placeholder":true,"num":0}}]',
      "[".repeat(20_000),
      '{"token":{"_placeholder":true,"num":0}}',
      '{"__proto__":{"token":"x"}}',
    ),
  },
  { weight: 1, arbitrary: text },
);

/** Type, attachments, namespace, acknowledgement, payload: each right or wrong for itself. */
const socketIoPacket = fc
  .tuple(
    fc.constantFrom(..."00122223456789x"),
    fc.constantFrom("", "", "1-", "0-", "2-", "-", "999999999-"),
    namespaces,
  )
  .chain(([type, attached, namespace]) =>
    fc.tuple(digits, payloads).map(([id, payload]) => `4${type}${attached}${namespace}${id}${payload}`),
  );
const enginePacket = fc.oneof(
  fc.tuple(fc.constantFrom(..."0123456789b"), text).map(([type, rest]) => type + rest),
  fc.constantFrom(
    "",
    "1",
    "2probe",
    "3probe",
    "3",
    "5",
    "6",
    "2",
    "b",
    "bAQID",
    "b====",
    "b!",
    "\x1e",
    "4\x1e4",
    "\ud800",
  ),
);
const bent = fc.oneof(
  { weight: 6, arbitrary: socketIoPacket },
  { weight: 3, arbitrary: enginePacket },
  { weight: 1, arbitrary: fc.constantFrom("40", "41", `4${"x".repeat(70_000)}`) },
);
/** What the protocols allow, whatever the events hold: whoever says only this stays. */
const calm = fc.oneof(
  fc.constantFrom(["3"], ["6"], ["43[1]"], ["437[]"], ["40/custom,"], ["40/nowhere,{}"], ['42["ping"]']),
  fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 3 })).map(([id, data]) => [`42${id}["ping",${JSON.stringify(data)}]`]),
  fc
    .tuple(fc.nat(), fc.uint8Array({ maxLength: 20 }))
    .map(([id, bytes]) => [
      `451-${id}["ping",{"a":{"_placeholder":true,"num":0}}]`,
      `b${Buffer.from(bytes).toString("base64")}`,
    ]),
  eventFrames.map(({ event }) => [`42["${event}",{"task_id":"‹tasks.0›","project_id":"‹projects.0›"}]`]),
);
const calmOnly = fc.array(calm, { minLength: 1, maxLength: 6 }).map((parts) => parts.flat());
const packets = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(calmOnly, bent).map(([parts, last]) => [...parts, last]) },
  { weight: 1, arbitrary: fc.array(bent, { minLength: 1, maxLength: 4 }) },
);
const sessions = {
  kind: fc.constant("packets" as const),
  caller: fc.constantFrom("member" as const, "viewer" as const, "outsider" as const),
  by: fc.constantFrom("websocket" as const, "polling" as const, "upgrade" as const),
};

const parameters = fc.oneof(
  fc.constantFrom("EIO=4", "EIO=4", "EIO=3", "EIO=", "EIO=4&EIO=3", "EIO[]=4"),
  fc.constantFrom(
    "transport=polling",
    "transport=polling",
    "transport=websocket",
    "transport=webtransport",
    "transport=",
  ),
  fc.constantFrom("sid=nobody", "sid=", "sid=__proto__", `sid=${"x".repeat(5_000)}`, "sid=%00", "sid=%ff"),
  fc.constantFrom("t=abc", "b64=1", "j=0", "token=x", "%", "&&", "="),
);
const engineRequests: fc.Arbitrary<EngineRequestInput> = fc.record({
  kind: fc.constant("engine request" as const),
  method: fc.constantFrom("GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"),
  query: fc.oneof(
    fc.array(parameters, { maxLength: 4 }).map((all) => all.join("&")),
    fc.constantFrom("EIO=4&transport=polling", "EIO=4&transport=websocket"),
  ),
  body: fc.option(
    fc.oneof(
      packets.map((all) => all.join("\x1e")),
      fc.constant("d=4abc"),
    ),
    { nil: undefined },
  ),
  headers: fc.array(
    fc.constantFrom(
      ["upgrade", "websocket"] as const,
      ["origin", "https://evil.example"] as const,
      ["cookie", "taskwire.session_token=x"] as const,
      ["content-type", "application/octet-stream"] as const,
      ["authorization", "Bearer x"] as const,
    ),
    { maxLength: 2 },
  ),
});

export const socketIoInputs: fc.Arbitrary<SocketIoInput> = fc.oneof(
  { weight: 3, arbitrary: eventFrames.map((frame) => ({ ...frame, kind: "socketio frame" as const })) },
  {
    weight: 2,
    arbitrary: fc.record({ ...sessions, enters: fc.constant(true), packets: calmOnly, calm: fc.constant(true) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...sessions,
      enters: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
      packets,
      calm: fc.constant(false),
    }),
  },
  { weight: 1, arbitrary: engineRequests },
);
