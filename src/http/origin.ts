/** Where a request comes from: the page that sent it (`Origin`). Guards everything that a cookie authenticates. */
import type { Config } from "../core/config.ts";

type OriginConfig = Pick<Config, "publicUrl" | "corsOrigins">;

/**
 * May this request act with its cookie? Its page must be ours (the host that was asked, or PUBLIC_URL) or in
 * CORS_ORIGINS. Browsers name the page in every socket handshake and every write; a request that names none and that
 * no browser marked as coming from elsewhere was not made by another site's page.
 */
export function originAllowed(request: Request, config: OriginConfig): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return isOwnOrigin(origin, request, config) || isListedOrigin(origin, config);
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}

/** Is `origin` one whose pages may read our answers? Compared whole: no prefix, suffix or wildcard. */
export const isListedOrigin = (origin: string, config: OriginConfig): boolean => config.corsOrigins.includes(origin);

function isOwnOrigin(origin: string, request: Request, { publicUrl }: OriginConfig): boolean {
  if (origin === publicUrl) return true;
  const page = URL.parse(origin);
  if (!page || page.origin !== origin) return false;
  if (page.protocol !== "https:" && page.protocol !== "http:") return false;
  // An http page must not act on an https server; behind a proxy that ends TLS we see http where the page says https.
  if (page.protocol === "http:" && request.url.startsWith("https:")) return false;
  const asked = URL.parse(`${page.protocol}//${request.headers.get("host") ?? ""}`);
  return asked !== null && asked.pathname === "/" && asked.host === page.host && asked.username === "";
}
