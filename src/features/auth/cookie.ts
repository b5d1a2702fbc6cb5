/** The session cookie, as better-auth sets it: `<token>.<base64 HMAC-SHA-256 of the token>`, percent-encoded. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Config } from "../../core/config.ts";

export const cookiePrefix = "taskwire";
/** Browsers keep no cookie longer (RFC 6265bis, 400 days); the session's row says when it ends. */
const maxAgeSeconds = 34_560_000;

/** Do browsers reach us over https? Then cookies are Secure, and named so that no http page can set them. */
export const isSecure = (config: Pick<Config, "publicUrl" | "tlsCertFile">): boolean =>
  config.publicUrl?.startsWith("https:") === true || config.tlsCertFile !== undefined;

export const sessionCookieName = (secure: boolean): string =>
  `${secure ? "__Secure-" : ""}${cookiePrefix}.session_token`;

/**
 * Answers a function from a `Cookie` header to the session's token; undefined where there is no such cookie or its
 * signature is not ours. A pure computation: whether the session lives is for the database to say.
 */
export function createCookieReader(name: string, key: string): (header: string) => string | undefined {
  return (header) => {
    const value = findCookie(header, name);
    const at = value?.lastIndexOf(".") ?? -1;
    if (value === undefined || at < 1) return undefined;
    const token = value.slice(0, at);
    const given = Buffer.from(value.slice(at + 1));
    const signature = Buffer.from(createHmac("sha256", key).update(token).digest("base64"));
    return given.length === signature.length && timingSafeEqual(given, signature) ? token : undefined;
  };
}

/** The first cookie of that name, decoded; undefined where there is none or its encoding is broken. */
function findCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at === -1 || part.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/**
 * better-auth lets the browser forget the cookie when the session would end, but renews sessions in the background of
 * requests that set no cookie. So the browser keeps it as long as it can (but a cookie for this browser session only
 * stays one, and a deletion a deletion).
 */
export const keepLonger = (setCookie: string, name: string): string =>
  setCookie.startsWith(`${name}=`) ? setCookie.replace(/Max-Age=[1-9]\d*/, `Max-Age=${maxAgeSeconds}`) : setCookie;
