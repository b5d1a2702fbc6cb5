/** How Engine.IO refuses a request: with a number that its clients know (https://socket.io/docs/v4/engine-io-protocol/). */

const refusals = {
  unknown_transport: { status: 400, code: 0, message: "Transport unknown" },
  unknown_session: { status: 400, code: 1, message: "Session ID unknown" },
  bad_method: { status: 400, code: 2, message: "Bad handshake method" },
  bad_request: { status: 400, code: 3, message: "Bad request" },
  forbidden: { status: 403, code: 4, message: "Forbidden" },
  unsupported_version: { status: 400, code: 5, message: "Unsupported protocol version" },
  stopping: { status: 503, code: 4, message: "The server is stopping" },
} as const;

export function refuse(why: keyof typeof refusals): Response {
  const { status, code, message } = refusals[why];
  const headers = { "content-type": "application/json", ...(status === 503 && { "retry-after": "1" }) };
  return new Response(JSON.stringify({ code, message }), { status, headers });
}
