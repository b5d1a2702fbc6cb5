/** A token's signature is checked once and not with every request: it was a third of what a small answer costs. */
import type { Clock } from "../../core/clock.ts";

const keptMax = 10_000;

/**
 * `read` with a memory for what it accepted, until `expiresAtMs`. What a token says never changes; whether its session,
 * key or person still lives is asked elsewhere, each time.
 */
export function keepClaims<Claims extends { readonly expiresAtMs: number }>(
  clock: Clock,
  read: (token: string) => Promise<Claims | undefined>,
): (token: string) => Promise<Claims | undefined> {
  const kept = new Map<string, Claims>();
  return async (token) => {
    const known = kept.get(token);
    if (known && known.expiresAtMs > clock.now()) return known;
    const claims = await read(token);
    if (!claims) return undefined;
    if (kept.size >= keptMax) kept.clear();
    kept.set(token, claims);
    return claims;
  };
}
