/** Frames of every event, and text that is none. */
import fc from "fast-check";
import { type ClientFrameName, clientFrames } from "../../src/protocol/frames.ts";
import type { FrameInput } from "./fuzz-inputs.ts";
import { anyCharacter, valuesFor } from "./fuzz-values.ts";
import { bentValues, encodeHostile } from "./hostile.ts";

/** Who may open a socket and stays. */
export const frameCallers = [
  "owner",
  "member",
  "viewer",
  "outsider",
  "administrator",
  "key",
  "heldKey",
  "readKey",
] as const;
export type FrameCaller = (typeof frameCallers)[number];

/** Larger frames close their connection (S8): those are among the bytes. */
const frameMaxBytes = 60_000;
const whole = (event: string, data: string): string =>
  Buffer.byteLength(data) > frameMaxBytes
    ? `{"id":"@id","event":"${event}"}`
    : `{"id":"@id","event":"${event}","data":${data}}`;

/** An event's own kind of thing: `task_update` is about tasks. */
const frameNoun = (event: string): string => (event.includes("comment") ? "comments" : "tasks");

function framesOf(event: ClientFrameName): fc.Arbitrary<FrameInput> {
  return fc.record({
    kind: fc.constant("frame" as const),
    caller: fc.constantFrom(...frameCallers),
    event: fc.constant(event),
    text: valuesFor(clientFrames[event].data, frameNoun(event)).map((data) => whole(event, encodeHostile(data))),
  });
}

const strayFrames: fc.Arbitrary<FrameInput> = fc.record({
  kind: fc.constant("frame" as const),
  caller: fc.constantFrom(...frameCallers),
  event: fc.constant(undefined),
  text: fc
    .oneof(
      bentValues(fc.constant({ id: 1, event: "ping", data: {} })).map(encodeHostile),
      fc.string({ unit: anyCharacter, maxLength: 60 }).map((text) => text.toWellFormed()),
      fc.constantFrom(
        "",
        "{",
        "[]",
        "null",
        '"',
        "[".repeat(20_000),
        `{"id":1e999,"event":"ping"}`,
        `{"event":"__proto__"}`,
      ),
      fc.constantFrom(
        `{"id":1,"id":2,"event":"ping"}`,
        `{"event":"ping"}`,
        `\ufeff{"event":"ping"}`,
        `{"event":"toString","id":1}`,
      ),
    )
    .map((text) => (Buffer.byteLength(text) > frameMaxBytes ? "" : text)),
});

// A bad token ends the connection that sent it: those are among the tokens.
const frameNames = Object.keys(clientFrames).filter(
  (name): name is ClientFrameName => name in clientFrames && name !== "authenticate",
);

/** Of the catalogue: each is answered, whatever its data. */
export const eventFrames: fc.Arbitrary<FrameInput> = fc.oneof(...frameNames.map(framesOf));

export const frameInputs: fc.Arbitrary<FrameInput> = fc.oneof(
  { weight: 12, arbitrary: eventFrames },
  { weight: 1, arbitrary: strayFrames },
);
