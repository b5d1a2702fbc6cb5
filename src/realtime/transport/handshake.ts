/** The upgrade request (S1): who it is from, whether it may become a socket, and which subprotocol it gets. */
import { clientAddressHeader } from "../../core/client-address.ts";
import { keyShape } from "../../protocol/api-keys.ts";
import { AppError, closeCodes } from "../../protocol/errors.ts";
import { protocolVersion, spokenVersions, subprotocolOf } from "../../protocol/version.ts";
import { requireScope } from "../rights.ts";
import type { Authenticator, Identity } from "./authenticator.ts";
import type { Ending } from "./socket.ts";

export interface Handshake {
  /** Undefined: it authenticates by frame, or not at all. */
  readonly identity: Identity | undefined;
  /** What its subprotocol held lets nobody in: browsers cannot see a refused handshake, so it is opened to be closed. */
  readonly refused: Ending | undefined;
  /** The version of the protocol that is spoken. */
  readonly protocol: number;
  readonly headers: Record<string, string>;
}

export interface HandshakeDeps {
  readonly authenticator: Authenticator;
  /** May this request act with its cookie? */
  readonly originAllowed: (request: Request) => boolean;
  /** Instead of this build's. */
  readonly protocolVersion?: number | undefined;
}

const tokenPrefix = "bearer.";
const badToken: Ending = { code: closeCodes.unauthenticated, reason: "the token is not valid" };
/** Of a close frame at most 123 bytes are a reason (RFC 6455, 5.5); ours are ASCII. */
const reasonMax = 123;

/** How a socket is closed whose token is good and may not open one; undefined for other failures. */
export const endingOfForbidden = (error: unknown): Ending | undefined =>
  error instanceof AppError && error.code === "forbidden"
    ? { code: closeCodes.revoked, reason: error.message.slice(0, reasonMax) }
    : undefined;

/** Whoever opens a socket hears: an API key needs this scope for it. */
export const socketScope = "read";

/**
 * Throws `unauthenticated` for a bad token in a header or any in the address, `forbidden` for a foreign page and a key that
 * may not read (not in a subprotocol), `rate_limited` for an address that tried too many keys.
 */
export async function readHandshake(request: Request, deps: HandshakeDeps): Promise<Handshake> {
  refuseTokenInAddress(request);
  const { authenticator } = deps;
  const cookie = request.headers.get("cookie");
  if (cookie !== null && !deps.originAllowed(request)) {
    throw new AppError("forbidden", "pages of this origin may not open a socket with the visitor's cookie");
  }
  const offered = offeredProtocols(request);
  const protocol = chooseProtocol(offered, deps.protocolVersion);
  const headers: Record<string, string> =
    offered.length > 0 ? { "sec-websocket-protocol": subprotocolOf(protocol) } : {};
  const open = (identity: Identity | undefined): Handshake => {
    if (identity) requireScope(identity.actor, socketScope);
    return { identity, refused: undefined, protocol, headers };
  };
  const address = request.headers.get(clientAddressHeader) ?? undefined;

  const authorization = request.headers.get("authorization");
  if (authorization !== null) return open(await fromHeader(authorization, authenticator, address));
  const token = offered.find((name) => name.startsWith(tokenPrefix))?.slice(tokenPrefix.length);
  if (token !== undefined) {
    const refuse = (refused: Ending): Handshake => ({ identity: undefined, refused, protocol, headers });
    try {
      const identity = await authenticator.fromToken(token, address);
      return identity ? open(identity) : refuse(badToken);
    } catch (error) {
      const ending = endingOfForbidden(error);
      if (!ending) throw error;
      return refuse(ending);
    }
  }
  return open(cookie === null ? undefined : await authenticator.fromCookie(cookie));
}

async function fromHeader(
  authorization: string,
  authenticator: Authenticator,
  address: string | undefined,
): Promise<Identity> {
  const token = bearerOf(authorization);
  const identity = token === undefined ? undefined : await authenticator.fromToken(token, address);
  if (!identity) throw new AppError("unauthenticated", "the Authorization header does not hold a valid token");
  return identity;
}

/** The token of an Authorization header. */
export const bearerOf = (authorization: string): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization.trim())?.[1];

function offeredProtocols(request: Request): string[] {
  const header = request.headers.get("sec-websocket-protocol");
  return header === null ? [] : header.split(",").map((name) => name.trim());
}

/** The newest that both know; this server's own for whoever offers none. Throws `invalid` where they know no common one. */
function chooseProtocol(offered: readonly string[], own = protocolVersion): number {
  if (offered.length === 0) return own;
  const spoken = spokenVersions(own);
  const common = spoken.find((version) => offered.includes(subprotocolOf(version)));
  if (common !== undefined) return common;
  throw new AppError("invalid", `offer the subprotocol ${spoken.map(subprotocolOf).join(" or ")}, or none`);
}

const tokenNames: ReadonlySet<string> = new Set(["token", "access_token", "jwt", "auth", "authorization", "bearer"]);
const tokenShape = /^(bearer[ .])?[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/i;

/**
 * Addresses end up in logs, histories and proxies: a token there is refused, so that nobody gets used to it. Throws
 * `unauthenticated`.
 */
export function refuseTokenInAddress(request: Request): void {
  const query = request.url.indexOf("?");
  if (query < 0) return;
  for (const [name, value] of new URLSearchParams(request.url.slice(query + 1))) {
    if (tokenNames.has(name.toLowerCase()) || tokenShape.test(value) || keyShape.test(value)) {
      throw new AppError("unauthenticated", "a token in the address is refused; see the ways to authenticate");
    }
  }
}

/** Does the request ask to become a socket? */
export const asksForSocket = (request: Request): boolean =>
  request.method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket";

/** The answer to one that does not (RFC 9110, 15.5.22). */
export const upgradeRequired = (request: Request): Response =>
  new Response(
    JSON.stringify({
      type: "urn:taskwire:error:invalid",
      title: "Upgrade required",
      status: 426,
      code: "invalid",
      detail: "this address speaks WebSocket: connect to it with a WebSocket client",
      request_id: request.headers.get("x-request-id") ?? Bun.randomUUIDv7(),
    }),
    {
      status: 426,
      headers: { "content-type": "application/problem+json", upgrade: "websocket", connection: "Upgrade" },
    },
  );
