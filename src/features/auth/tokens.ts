/** Our own JWTs: fifteen minutes of a session, for sockets and for programs. */
import { jwt } from "@elysiajs/jwt";
import { errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { Id } from "../../protocol/ids.ts";
import type { Token } from "../../protocol/users.ts";

const issuer = "taskwire";
/** The one algorithm: whatever a token's header says, it is verified so or not at all. */
export const tokenAlgorithm = "HS256";

const Claims = z.object({ sub: Id, sid: Id, jti: Id, iat: z.number(), exp: z.number() });

export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

export interface Tokens {
  issue(userId: string, sessionId: string): Promise<Token>;
  /**
   * The claims of a token of ours that has not expired, else undefined. Whether its session still lives is for the
   * database to say: nothing is ever revoked by the text of a token.
   */
  verify(token: string): Promise<TokenClaims | undefined>;
}

interface Options {
  readonly key: Uint8Array;
  readonly ttlSeconds: number;
  readonly clock: Clock;
}

export function createTokens({ key, ttlSeconds, clock }: Options): Tokens {
  const signer = jwt({ name: "jwt", secret: key, alg: tokenAlgorithm, iss: issuer }).decorator.jwt;
  return {
    async issue(userId, sessionId) {
      const exp = Math.floor(clock.now() / 1000) + ttlSeconds;
      const token = await signer.sign({ sub: userId, sid: sessionId, jti: Bun.randomUUIDv7(), exp });
      return { token, expires_at: new Date(exp * 1000).toISOString() };
    },
    async verify(token) {
      const payload = await verifyJwt(token, key, { issuer, currentDate: new Date(clock.now()) });
      const claims = Claims.safeParse(payload);
      if (!claims.success) return undefined;
      const { sub, sid, exp } = claims.data;
      return { userId: sub, sessionId: sid, expiresAtMs: exp * 1000 };
    },
  };
}

interface VerifyOptions {
  readonly currentDate: Date;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/** The payload of an HS256 token under `key` that is not past its `exp` (if it has one); undefined for any other text. */
export async function verifyJwt(token: string, key: Uint8Array, options: VerifyOptions): Promise<unknown> {
  const { currentDate, issuer: iss, audience } = options;
  try {
    const verified = await jwtVerify(token, key, {
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
