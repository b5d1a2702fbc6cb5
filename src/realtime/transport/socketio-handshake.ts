/** Who a client of Socket.IO is (I1): what its first request brings along, and what it says when it enters. */
import { AppError } from "../../protocol/errors.ts";
import { requireScope } from "../rights.ts";
import type { Authenticator, Identity } from "./authenticator.ts";
import { bearerOf, refuseTokenInAddress, socketScope } from "./handshake.ts";

export interface SocketIoProofs {
  /** The Authorization header. */
  readonly authorization: string | null;
  /** Only where the page that sends it may act with it. */
  readonly cookie: string | null;
  /** The address holds a token. */
  readonly refused: AppError | undefined;
}

/** Of the request that begins a session. A refused request is nothing a client of Socket.IO can tell: it is refused as it enters. */
export function readProofs(request: Request, originAllowed: (request: Request) => boolean): SocketIoProofs {
  const cookie = request.headers.get("cookie");
  return {
    authorization: request.headers.get("authorization"),
    cookie: cookie !== null && originAllowed(request) ? cookie : null,
    refused: tokenInAddress(request),
  };
}

function tokenInAddress(request: Request): AppError | undefined {
  try {
    refuseTokenInAddress(request);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/**
 * `auth` is what the client gave as such: its `token` goes before the header, the header before the cookie; the first there
 * is must hold. Throws `unauthenticated`; `forbidden` for a disabled person or a key that may not read; `rate_limited` for an
 * address that tried too many keys.
 */
export async function identify(
  { authorization, cookie, refused }: SocketIoProofs,
  auth: unknown,
  authenticator: Authenticator,
  address: string,
): Promise<Identity> {
  if (refused) throw refused;
  const token = tokenOf(auth) ?? (authorization === null ? undefined : (bearerOf(authorization) ?? ""));
  const identity =
    token === undefined
      ? cookie && (await authenticator.fromCookie(cookie))
      : await authenticator.fromToken(token, address);
  if (!identity) {
    const message =
      token === undefined
        ? "give a token as `auth: { token }`, an Authorization header, or the cookie of a sign-in with an allowed Origin"
        : "the token is not valid";
    throw new AppError("unauthenticated", message);
  }
  requireScope(identity.actor, socketScope);
  return identity;
}

/** Undefined where there is none; a `token` that is no text is one that does not hold. */
function tokenOf(auth: unknown): string | undefined {
  if (typeof auth !== "object" || auth === null || !("token" in auth)) return undefined;
  const { token } = auth;
  if (token === null || token === undefined) return undefined;
  return typeof token === "string" && token.length <= tokenMaxLength ? token : "";
}

const tokenMaxLength = 8192;
