/** Drives a running server over HTTP with the C client: connections that are kept, one request in flight on each. */
import { escapeText, type Running, runClient } from "./harness.ts";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. `%N` (in the path too) is a number of ten digits, another each time. */
  readonly body?: string;
}

/** What the client measured; the fields are those of its one line of JSON. */
export interface Answered {
  readonly ok: boolean;
  readonly error?: string;
  readonly answers: number;
  readonly answers_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Of a body, as it was sent: packed, where it was. */
  readonly bytes_each: number;
  readonly cpu_server_s: number;
}

/** `connections` holds the requests of each, sent in turn, over and over. Every answer must be a success. */
export async function driveHttp(
  { target, port, pid }: Running,
  connections: readonly (readonly Request[])[],
  seconds: number,
): Promise<Answered> {
  const settings = { port, secs: seconds, warmup: 1.5 };
  const plan = Object.entries(settings).map(([name, value]) => `${name}\t${value}`);
  plan.push(`cpu\tserver\t${pid}`);
  for (const requests of connections)
    plan.push("conn", ...requests.map((request) => `req\t${escapeText(textOf(request, port))}`));
  const answered: Answered = JSON.parse(await runClient("httpload", `${plan.join("\n")}\n`));
  if (answered.error !== undefined) throw new Error(`${target.name}: ${answered.error}`);
  return answered;
}

/** Ten digits stand where `%N` does. */
const numberLength = 10;
const sentLength = (text: string): number => Buffer.byteLength(text.replaceAll("%N", "0".repeat(numberLength)));

function textOf({ method, path, headers, body }: Request, port: number): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    ...headers,
    ...(body !== undefined && { "Content-Type": "application/json", "Content-Length": String(sentLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}
