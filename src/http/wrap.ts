/** Around every request: its id and address, CORS questions, unknown methods, errors, headers, one log line. */
import { clientAddressHeader } from "../core/client-address.ts";
import type { Config } from "../core/config.ts";
import type { Log } from "../core/log.ts";
import { type Meter, raise, recordSeconds } from "../core/meter.ts";
import { AppError } from "../protocol/errors.ts";
import { createFindAddress } from "./address.ts";
import { preflight, requestIdHeader, requestIdOf, withHeaders } from "./headers.ts";
import { problem } from "./problem.ts";
import { routeTaken } from "./route-taken.ts";

export interface RequestContext {
  readonly url: URL;
  readonly requestId: string;
  /** The client's address, also in the header `clientAddressHeader`. */
  readonly address: string;
  /** The address at the other end of the connection: the client's or a proxy's. */
  readonly peer: string | undefined;
}

/** Answers, or undefined where the connection became a socket; what it throws becomes a problem. */
export type Answer = (
  request: Request,
  context: RequestContext,
) => Promise<Response | undefined> | Response | undefined;

interface Options {
  readonly config: Config;
  readonly log: Log;
  readonly meter: Pick<Meter, "requests" | "requestSeconds">;
}

type Fetch<S> = (request: Request, server: S) => Promise<Response | undefined>;
interface Peers {
  requestIP(request: Request): { readonly address: string } | null;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Makes the `fetch` of a listener. `answer` gets its server too, to upgrade connections. */
export function createFetch<S extends Peers>(
  { config, log, meter }: Options,
  answer: (request: Request, context: RequestContext, server: S) => ReturnType<Answer>,
): Fetch<S> {
  const findAddress = createFindAddress(config);
  return async (request, server) => {
    const startedAtMs = performance.now();
    const requestId = requestIdOf(request);
    const url = URL.parse(request.url); // null where the Host header is no host
    let response: Response | undefined;
    try {
      if (!url) throw new AppError("invalid", "the Host header does not name a host");
      const peer = server.requestIP(request)?.address;
      const address = findAddress(request, peer);
      request.headers.set(requestIdHeader, requestId);
      request.headers.set(clientAddressHeader, address);
      if (!methods.has(request.method)) throw new AppError("method_not_allowed", "this method is not used here");
      response = preflight(request, config) ?? (await answer(request, { url, requestId, address, peer }, server));
    } catch (error) {
      response = problem(error, { requestId, log, signal: request.signal });
    }
    const status = response?.status ?? 101;
    const durationMs = performance.now() - startedAtMs;
    count(meter, request, status, durationMs);
    const fields = { method: request.method, path: url?.pathname, status, request_id: requestId };
    log.debug({ ...fields, duration_ms: Math.round(durationMs * 10) / 10 }, "request answered");
    return response && withHeaders(response, request, requestId, config);
  };
}

function count(meter: Options["meter"], request: Request, status: number, durationMs: number): void {
  const method = methods.has(request.method) ? request.method : "other";
  const name = `${method} ${routeTaken(request)}`;
  raise(meter.requests, `${name} ${status}`);
  recordSeconds(meter.requestSeconds, name, durationMs / 1000);
}
