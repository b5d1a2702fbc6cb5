/** Answers of /health/live and /health/ready, for orchestrators and load balancers. */

export interface Health {
  readonly version: string;
  /** By which id other servers, and lists of live connections, name this one. */
  readonly node: string;
  /** starting: not yet open; ready: takes requests; draining: stops. */
  readonly phase: "starting" | "ready" | "draining";
  /** Each part that must work for requests to be answered, and whether it does now. */
  readonly parts: Readonly<Record<string, boolean>>;
  /** What makes servers quicker to hear of each other, and whether it works: without it requests are answered all the same. */
  readonly helpers: Readonly<Record<string, boolean>>;
}

/** The process answers: 200 whatever state it is in. A restart is the cure for its absence. */
export const liveResponse = ({ version }: Health): Response => Response.json({ status: "ok", version });

/** 200 where requests can be served now, else 503 with what is missing. A restart cures nothing here. */
export function readyResponse({ version, node, phase, parts, helpers }: Health): Response {
  const all = Object.entries({ ...parts, ...helpers });
  const checks = Object.fromEntries(all.map(([name, works]) => [name, works ? "ok" : "failing"]));
  const ready = phase === "ready" && Object.values(parts).every((works) => works);
  const status = ready ? "ready" : phase === "ready" ? "unavailable" : phase;
  const init: ResponseInit = ready ? {} : { status: 503, headers: { "retry-after": "1" } };
  return Response.json({ status, version, node, checks }, init);
}
