/** Around every request: its id and address, CORS questions, unknown methods, errors, headers, one log line. */
import type { Clock } from "../core/clock.ts";
import type { Config } from "../core/config.ts";
import type { Log } from "../core/log.ts";
import { AppError } from "../protocol/errors.ts";
import { createFindAddress } from "./address.ts";
import { preflight, requestIdHeader, requestIdOf, withHeaders } from "./headers.ts";
import { problem } from "./problem.ts";

/** Overwritten on every request with the address found here, so that what reads it later cannot be lied to. */
export const clientAddressHeader = "x-taskwire-client-address";

export interface RequestContext {
  readonly url: URL;
  readonly requestId: string;
  /** The client's address, also in the header `clientAddressHeader`. */
  readonly address: string;
}

/** Answers, or undefined where the connection became a socket; what it throws becomes a problem. */
export type Answer = (
  request: Request,
  context: RequestContext,
) => Promise<Response | undefined> | Response | undefined;

interface Options {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
}

type Fetch<S> = (request: Request, server: S) => Promise<Response | undefined>;
interface Peers {
  requestIP(request: Request): { readonly address: string } | null;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Makes the `fetch` of a listener. `answer` gets its server too, to upgrade connections. */
export function createFetch<S extends Peers>(
  { config, log, clock }: Options,
  answer: (request: Request, context: RequestContext, server: S) => ReturnType<Answer>,
): Fetch<S> {
  const findAddress = createFindAddress(config);
  return async (request, server) => {
    const startedAtMs = clock.now();
    const requestId = requestIdOf(request);
    const url = URL.parse(request.url); // null where the Host header is no host
    let response: Response | undefined;
    try {
      if (!url) throw new AppError("invalid", "the Host header does not name a host");
      const address = findAddress(request, server.requestIP(request)?.address);
      request.headers.set(requestIdHeader, requestId);
      request.headers.set(clientAddressHeader, address);
      if (!methods.has(request.method)) throw new AppError("method_not_allowed", "this method is not used here");
      response = preflight(request, config) ?? (await answer(request, { url, requestId, address }, server));
    } catch (error) {
      response = problem(error, { requestId, log });
    }
    const fields = {
      method: request.method,
      path: url?.pathname,
      status: response?.status ?? 101,
      request_id: requestId,
    };
    log.debug({ ...fields, duration_ms: clock.now() - startedAtMs }, "request answered");
    return response && withHeaders(response, request, requestId, config);
  };
}
