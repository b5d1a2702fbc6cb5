/** What the reference says before its lists. */
import { closeCodes, errorKinds } from "../protocol/errors.ts";

export const httpAbout = `JSON in \`snake_case\`. Ids are UUIDs, times RFC 3339 in UTC with milliseconds.

**Who calls.** A browser by its session cookie (writes are refused from other sites' pages), everybody else by
\`Authorization: Bearer\` with a token of \`POST /api/token\` or an API key.

**Errors** are \`application/problem+json\` with one of ${Object.keys(errorKinds).length} codes, the same as on the socket.

**Retrying.** A write takes \`mutation_id\` in its body or the header \`Idempotency-Key\`, which are the same thing: it is
applied once, and a retry is answered as the first was.

**Lists** take \`limit\` and \`cursor\` and answer \`items\` and \`next_cursor\`, null at the end. **PATCH**: what is absent
stays, null clears, arrays replace, an unknown name is refused.`;

const closeMeanings: Readonly<Record<keyof typeof closeCodes, string>> = {
  badProtocol: "not the protocol (a binary frame): do not come back like this",
  unauthenticated: "not authenticated, or the token expired: get one and come back",
  revoked: "signed out, revoked or disabled: do not come back",
  slowConsumer: "too slow, or not heard of (1006 means the same): come back and resume",
  flooding: "too many frames: back off",
  restart: "the server restarts: resume after a random part of the `jitter_ms` in the reason",
  tooLarge: "the frame was too large",
};

const closings = Object.entries(closeMeanings)
  .map(([name, meaning]) => `- \`${closeCodes[name as keyof typeof closeCodes]}\`: ${meaning}`) // the table is closed
  .join("\n");

export const socketAbout = `Frames are JSON texts. A client sends \`{"id", "event", "data"}\`; with an \`id\` it is answered
\`{"id", "ok": true, "data"}\` or \`{"id", "ok": false, "error"}\`, without one only a failure is told, by the event \`error\`.
Frames of one connection take effect and are answered in order.

The server sends \`{"event", "room", "seq", "at", "actor", "mutation_id", "data"}\`. Durable events carry \`room\` and \`seq\`: in one
room \`seq\` rises by exactly one, in the same order for everybody. The others may be lost and carry no \`seq\`.

**Signing in**, any of: the session cookie with an allowed \`Origin\`; \`Authorization: Bearer\`; the subprotocols
\`taskwire.v1\` and \`bearer.<token>\`; or the frame \`authenticate\` within 10 s of opening. Never in the address.

**Limits** (the defaults): 64 KiB a frame, 500 projects a connection, 20 frames a second with bursts of 60, 1 MiB of
unsent data. The server pings every 25 s and closes 60 s after the last byte received.

**Close codes**

${closings}`;
