/** The address a request comes from, for rate limits and sessions. */
import { BlockList, isIP } from "node:net";
import type { Config } from "../core/config.ts";

type FindAddress = (request: Request, peer: string | undefined) => string;

/**
 * Answers a function from a request and its peer (`server.requestIP(request)?.address`) to the client's address.
 * X-Forwarded-For counts only as far as it was written by a configured proxy: it is read from the right, and the
 * first address that is not a trusted proxy is the client. Whatever stands left of it is hearsay.
 */
export function createFindAddress({ trustedProxies }: Pick<Config, "trustedProxies">): FindAddress {
  const isTrusted = createProxyList(trustedProxies);
  return (request, peer) => {
    let client = plainAddress(peer ?? "") ?? "unknown";
    if (!isTrusted(client)) return client;
    const hops = request.headers.get("x-forwarded-for")?.split(",") ?? [];
    for (const hop of hops.toReversed()) {
      const address = plainAddress(hop);
      if (address === undefined) return client;
      client = address;
      if (!isTrusted(client)) return client;
    }
    return client;
  };
}

const loopback = createProxyList(["127.0.0.0/8", "::1"]);
/** What proxies write when they pass a request on. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/**
 * Does a program of this very machine ask, for itself? A header can only take that away: one of a proxy says that
 * somebody else asks, and a foreign Host that a browser was led here by another site's name.
 */
export function isLocal(request: Request, peer: string | undefined): boolean {
  if (!loopback(plainAddress(peer ?? "") ?? "")) return false;
  if (proxyHeaders.some((name) => request.headers.has(name))) return false;
  const host = URL.parse(request.url)?.hostname ?? "";
  return host === "localhost" || loopback(plainAddress(host) ?? "");
}

function createProxyList(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = "", prefix] = proxy.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
  };
}

/** `[::1]:80`, `1.2.3.4:80` and `::ffff:1.2.3.4` as the plain address; undefined where it is none. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  const bare = /^\[(.+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  const address = /^::ffff:([\d.]+)$/.exec(bare)?.[1] ?? bare;
  return isIP(address) === 0 ? undefined : address;
}

/** What is counted as one address in limits: whoever has an IPv6 address has at least the 2⁶⁴ around it. */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? 0 : tail.split(":").length;
  while (address.includes("::") && groups.length + after < 8) groups.push("0");
  return `${[...groups, ...tail.split(":")].slice(0, 4).join(":")}::/64`;
}
