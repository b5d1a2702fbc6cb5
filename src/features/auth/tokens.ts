/** Our own JWTs: fifteen minutes of a session or of an API key, for sockets and for programs. */
import { jwt } from "@elysiajs/jwt";
import { decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { MakeCache } from "../../core/cache.ts";
import type { Clock } from "../../core/clock.ts";
import { Id } from "../../protocol/ids.ts";
import type { Token } from "../../protocol/users.ts";

const issuer = "taskwire";
/** The one algorithm: whatever a token's header says, it is verified so or not at all. */
const tokenAlgorithm = "HS256";

/** `sid` names the session it is made from, `key` the key: one of the two. */
const Claims = z
  .object({ sub: Id, sid: Id.optional(), key: Id.optional(), jti: Id, iat: z.number(), exp: z.number() })
  .refine(({ sid, key }) => (sid === undefined) !== (key === undefined));

/** What a token is made from, and dies with. */
export type TokenSource = { readonly sessionId: string } | { readonly keyId: string };

export interface TokenClaims {
  readonly userId: string;
  readonly source: TokenSource;
  readonly expiresAtMs: number;
}

export interface Tokens {
  issue(userId: string, source: TokenSource): Promise<Token>;
  /**
   * The claims of a token of ours that has not expired, else undefined. Whether its session or key still lives is for the
   * database to say: nothing is ever revoked by the text of a token.
   */
  verify(token: string): Promise<TokenClaims | undefined>;
}

interface Options {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly ttlSeconds: number;
  readonly clock: Clock;
  readonly makeCache: MakeCache;
}

export function createTokens({ key, ttlSeconds, clock, makeCache }: Options): Tokens {
  const verifyKey = importKey(key);
  const signer = jwt({ name: "jwt", secret: key, alg: tokenAlgorithm, iss: issuer }).decorator.jwt;
  return {
    async issue(userId, source) {
      const exp = Math.floor(clock.now() / 1000) + ttlSeconds;
      const from = "keyId" in source ? { key: source.keyId } : { sid: source.sessionId };
      const token = await signer.sign({ sub: userId, ...from, jti: Bun.randomUUIDv7(), exp });
      return { token, expires_at: new Date(exp * 1000).toISOString() };
    },
    verify: keepClaims(makeCache, async (token) => {
      if (issuerOf(token) !== issuer) return undefined; // cheap, and proves nothing yet
      const payload = await verifyJwt(token, verifyKey, { issuer, currentDate: new Date(clock.now()) });
      const claims = Claims.safeParse(payload);
      if (!claims.success) return undefined;
      const { sub, sid, key, exp } = claims.data;
      const source = sid === undefined ? key !== undefined && { keyId: key } : { sessionId: sid };
      return source ? { userId: sub, source, expiresAtMs: exp * 1000 } : undefined;
    }),
  };
}

/**
 * `read` with a memory for what it accepted, until `expiresAtMs`: checking a signature was a third of what a small answer
 * costs. What a token says never changes; whether its session, key or person still lives is asked elsewhere, each time.
 */
export function keepClaims<Claims extends { readonly expiresAtMs: number }>(
  makeCache: MakeCache,
  read: (token: string) => Promise<Claims | undefined>,
): (token: string) => Promise<Claims | undefined> {
  const cache = makeCache<Claims>({
    name: "tokens",
    entriesMax: 10_000,
    endsAtMs: ({ expiresAtMs }) => expiresAtMs,
  });
  return (token) => cache.get(token, () => read(token));
}

/** The `iss` a token claims to have; undefined for what is no token. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Imported once: from bytes it would be for every token. */
export const importKey = (key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);

interface VerifyOptions {
  readonly currentDate: Date;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/** The payload of an HS256 token under `key` that is not past its `exp` (if it has one); undefined for any other text. */
export async function verifyJwt(token: string, key: Promise<CryptoKey>, options: VerifyOptions): Promise<unknown> {
  const { currentDate, issuer: iss, audience } = options;
  try {
    const verified = await jwtVerify(token, await key, {
      algorithms: [tokenAlgorithm],
      currentDate,
      ...(iss !== undefined && { issuer: iss }),
      ...(audience !== undefined && { audience }),
    });
    return verified.payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
