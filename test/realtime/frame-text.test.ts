import { expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../src/protocol/errors.ts";
import { ClientFrame } from "../../src/protocol/frames.ts";
import { failureText, isFrame, readFrame } from "../../src/realtime/transport/frame-text.ts";

test("[S2] the quick look at a frame lets nothing through that the schema refuses, and all that is ordinary", () => {
  const id = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.string({ maxLength: 250 }), fc.jsonValue());
  const event = fc.oneof(fc.constantFrom("ping", "task_update"), fc.string({ maxLength: 120 }), fc.jsonValue());
  const frame = fc.record(
    { id, event, data: fc.jsonValue(), __proto__: fc.jsonValue(), extra: fc.jsonValue() },
    { requiredKeys: [] },
  );
  let quick = 0;
  fc.assert(
    fc.property(fc.oneof({ arbitrary: frame, weight: 5 }, { arbitrary: fc.jsonValue(), weight: 1 }), (value) => {
      const read: unknown = JSON.parse(JSON.stringify(value));
      if (!isFrame(read)) return;
      quick++;
      expect(ClientFrame.safeParse(read).success).toBeTrue();
    }),
    { numRuns: 5_000 },
  );
  expect(quick).toBeGreaterThan(100);
  for (const text of ['{"event":"ping"}', '{"id":1,"event":"ping","data":{}}', '{"data":[],"event":"x","id":"a"}']) {
    expect(isFrame(JSON.parse(text))).toBeTrue();
  }
});

test("[S2] own keys alone make a frame, however the text spells them", () => {
  for (const text of [
    '{"event":"ping","__proto__":{"id":1}}',
    '{"__proto__":{"event":"ping"}}',
    '{"event":"ping","toString":1}',
  ]) {
    expect(readFrame(text).refused).toMatchObject({ code: "invalid" });
  }
});

test("[S2] an error carries what there is to say, and the resource as it stands", () => {
  const text = failureText(7, new AppError("conflict", "changed", { current: { version: 2 }, retryAfter: 1.5 }), "");
  expect(JSON.parse(text)).toEqual({
    id: 7,
    ok: false,
    error: { code: "conflict", message: "changed", retry_after: 1.5, current: { version: 2 } },
  });
});
