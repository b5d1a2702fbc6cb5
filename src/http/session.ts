/** Who makes a request: a bearer token, or the session cookie with its origin check (H3). */
import { clientAddressHeader } from "../core/client-address.ts";
import type { Config } from "../core/config.ts";
import type { Actor } from "../db/context.ts";
import { keyShape } from "../protocol/api-keys.ts";
import { AppError } from "../protocol/errors.ts";
import type { Authenticator, Identity } from "../realtime/transport/authenticator.ts";
import { originAllowed } from "./origin.ts";

type OriginConfig = Pick<Config, "publicUrl" | "corsOrigins">;

const tokenNames: ReadonlySet<string> = new Set(["token", "access_token", "jwt", "bearer", "authorization", "api_key"]);
/** The header of a JWT is a JSON object: in base64url it begins so. */
const jwtShape = /^(?:bearer[ .])?eyJ[\w-]+\.[\w-]+\.[\w-]*$/i;

/** Addresses are written to logs and histories: a token in one is refused, good or not (S1). Throws `unauthenticated`. */
export function requireNoTokenInQuery(url: URL): void {
  for (const [name, value] of url.searchParams) {
    if (tokenNames.has(name.toLowerCase()) || jwtShape.test(value) || keyShape.test(value))
      throw new AppError("unauthenticated", "a token in the address is not taken; send it in the Authorization header");
  }
}

/** Reading with a cookie changes nothing, and other sites' pages cannot see the answer. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Answers a function from a request to its caller. It throws `unauthenticated`, or `forbidden` for a write with a cookie
 * from a page that may not act here, or `rate_limited` for an address that tried too many keys.
 */
export function createActorResolver(
  authenticator: Authenticator,
  config: OriginConfig,
): (request: Request) => Promise<Actor> {
  return async (request) => {
    if (request.url.includes("?")) requireNoTokenInQuery(new URL(request.url));
    const authorization = request.headers.get("authorization");
    const identity =
      authorization === null
        ? await fromCookie(authenticator, request, config)
        : await fromBearer(authenticator, authorization, request.headers.get(clientAddressHeader) ?? undefined);
    return identity.actor;
  };
}

async function fromBearer(
  authenticator: Authenticator,
  authorization: string,
  address: string | undefined,
): Promise<Identity> {
  const token = /^bearer +(\S+)\s*$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new AppError("unauthenticated", "the Authorization header must be `Bearer` and a token");
  const identity = await authenticator.fromToken(token, address);
  if (!identity) throw new AppError("unauthenticated", "the token is not valid, or has expired; get a new one");
  return identity;
}

async function fromCookie(authenticator: Authenticator, request: Request, config: OriginConfig): Promise<Identity> {
  const cookie = request.headers.get("cookie");
  const identity = cookie === null ? undefined : await authenticator.fromCookie(cookie);
  if (!identity) throw new AppError("unauthenticated", "sign in first");
  if (!safeMethods.has(request.method) && !originAllowed(request, config))
    throw new AppError("forbidden", "this page may not act here");
  return identity;
}
