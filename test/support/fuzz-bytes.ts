/** Bytes that are no proper requests or frames: what parsers are told lies with. */
import fc from "fast-check";
import type { BytesInput } from "./fuzz-inputs.ts";
import { encodeClientFrame } from "./wire.ts";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const noise = fc.uint8Array({ maxLength: 60 }).map(latin1);

const methods = fc.constantFrom(
  "GET",
  "POST",
  "PATCH",
  "PUT",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "get",
  "G\0T",
  "",
  "X".repeat(300),
);
const targets = fc.oneof(
  fc.constantFrom(
    "/api/me",
    "/api/projects",
    "/api/tasks/‹tasks.0›",
    "/api/projects/‹projects.0›/tasks",
    "/health/live",
    "/ws",
    "/",
  ),
  fc.constantFrom(
    "*",
    "http://evil.example/api/me",
    "//evil/api/me",
    "/api/../api/me",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/api/tasks/%00",
  ),
  fc.constantFrom(
    "/api/me?a=\u00ff",
    "/api/me#x",
    "/api/\u00e9",
    "/\u0001",
    `/${"a".repeat(20_000)}`,
    "/api/tasks//comments",
    "",
    "api/me",
  ),
  fc.string({ unit: fc.constantFrom(..."/.%2eE;?&#a0\\ "), maxLength: 20 }).map((text) => `/${text}`),
);
const versions = fc.constantFrom(
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/0.9",
  "HTTP/9.9",
  "http/1.1",
  "",
);
const lines = fc.oneof(
  fc.constantFrom(
    "Content-Length: 2",
    "Content-Length: 0",
    "Content-Length: 999999",
    "Content-Length: -1",
    "Content-Length: 1e3",
  ),
  fc.constantFrom(
    "Content-Length: 99999999999999999999",
    "Content-Length: 2\r\nContent-Length: 3",
    "Content-Length: ",
    "Content-Length: 0x2",
  ),
  fc.constantFrom(
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: x",
    "Transfer-Encoding : chunked",
  ),
  fc.constantFrom("Host: a\r\nHost: b", "Host: ", "Host: [::", "Host: evil.example:99999", "Host: a b"),
  fc.constantFrom(
    "Content-Type: application/json",
    "Content-Type: application/json",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
  ),
  fc.constantFrom(
    "Connection: Upgrade\r\nUpgrade: websocket",
    "Sec-WebSocket-Key: x",
    "Sec-WebSocket-Version: 99",
    "Connection: close",
  ),
  fc.constantFrom(
    "If-Match: \u00ff",
    "Idempotency-Key: a\tb",
    "Idempotency-Key: \u00ff",
    "Range: bytes=5-1",
    "X: \0",
    " folded",
    "no colon",
    ": empty",
  ),
  fc.constantFrom(
    "Authorization: Bearer ‹tokens.1›\r\nAuthorization: Bearer x",
    `X-Big: ${"x".repeat(15_000)}`,
    "X-Many: 1\r\n".repeat(200).trim(),
  ),
  noise.map((text) => `X-Noise: ${text}`),
);
const bodies = fc.oneof(
  fc.constantFrom(
    "{}",
    '{"name":"x"}',
    "",
    "2\r\n{}\r\n0\r\n\r\n",
    "ffffffff\r\n{}",
    "-1\r\n{}",
    "2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    "2;a=b\r\n{}\r\n0\r\n\r\n",
  ),
  fc.constant("GET /api/me HTTP/1.1\r\nHost: a\r\n\r\n"),
  noise,
);

const requestText = fc
  .record({
    method: methods,
    target: targets,
    version: versions,
    headers: fc.array(lines, { maxLength: 4 }),
    body: bodies,
  })
  .map(({ method, target, version, headers, body }) => {
    const head = [`${method} ${target} ${version}`, "Host: 127.0.0.1", "Authorization: Bearer ‹tokens.0›", ...headers];
    return `${head.join("\r\n")}\r\n\r\n${body}`;
  });

const httpBytes: fc.Arbitrary<BytesInput> = fc.record({
  kind: fc.constant("http bytes" as const),
  bytes: fc.oneof(
    { weight: 8, arbitrary: requestText },
    { weight: 1, arbitrary: noise },
    {
      weight: 2,
      arbitrary: fc
        .tuple(requestText, fc.nat(200), noise)
        .map(([text, at, added]) => text.slice(0, at) + added + text.slice(at)),
    },
  ),
});

const texts = fc.constantFrom(
  '{"id":1,"event":"ping"}',
  '{"id":2,"event":"join_project","data":{"project_id":"01a1fc20-d65a-74a9-913b-504653241700"}}',
  '{"event":"x"}',
  "",
  "{",
);
const opcode = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 3, arbitrary: fc.nat(15) });
const encodedFrame = fc
  .record({
    opcode,
    payload: fc.oneof(texts, noise, fc.constantFrom("x".repeat(126), "x".repeat(65_536), "é".repeat(40_000))),
    final: fc.boolean(),
  })
  .map(({ opcode, payload, final }) => latin1(encodeClientFrame(opcode, payload, final)));
const brokenFrames = fc.constantFrom(
  "\x81\x05hello", // not masked
  "\xf1\x80\0\0\0\0", // reserved bits
  "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", // 2^64 bytes long
  "\x81\xfe\0\x02\0\0\0\0{}", // a length longer written than need be
  "\x88\x81\0\0\0\0a", // a close frame of one byte
  "\x88\x82\0\0\0\0\x03\xe7", // closed with 999
  "\x88\x82\0\0\0\0\x03\xed", // closed with 1005
  "\x81\x84\0\0\0\0\xff\xfe\xfd\xfc", // no UTF-8
  "\x81\x83\0\0\0\0\xed\xa0\x80", // a surrogate in UTF-8
  "\x81\x90\0\0\0\0{", // less than it says
);

const socketBytes: fc.Arbitrary<BytesInput> = fc.record({
  kind: fc.constant("socket bytes" as const),
  bytes: fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: encodedFrame },
        { weight: 3, arbitrary: brokenFrames },
        { weight: 1, arbitrary: noise },
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((parts) => parts.join("")),
});

export const byteInputs: fc.Arbitrary<BytesInput> = fc.oneof(httpBytes, socketBytes);
