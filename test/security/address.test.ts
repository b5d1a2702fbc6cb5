import { describe, expect, test } from "bun:test";
import { addressBlock, createFindAddress } from "../../src/http/address.ts";

const find = (trustedProxies: readonly string[], peer: string | undefined, forwarded?: string): string =>
  createFindAddress({ trustedProxies })(
    new Request("http://localhost/", { headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } }),
    peer,
  );

describe("the client's address", () => {
  test("is the peer's, whatever X-Forwarded-For says, where no proxy is trusted", () => {
    expect(find([], "203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(find(["10.0.0.0/8"], "203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(find([], "::ffff:203.0.113.9")).toBe("203.0.113.9");
    expect(find([], undefined)).toBe("unknown");
  });

  test("is the last hop that is no trusted proxy, so that what a client wrote itself does not count", () => {
    const proxies = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"];
    expect(find(proxies, "10.1.2.3", "198.51.100.1")).toBe("198.51.100.1");
    expect(find(proxies, "10.1.2.3", "1.2.3.4, 198.51.100.1")).toBe("198.51.100.1");
    expect(find(proxies, "fd00::1", "1.2.3.4, 198.51.100.1, 192.0.2.7")).toBe("198.51.100.1");
    expect(find(proxies, "::ffff:10.1.2.3", "198.51.100.1:5123")).toBe("198.51.100.1");
    expect(find(proxies, "10.1.2.3", "[2001:db8::1]:443")).toBe("2001:db8::1");
    expect(find(proxies, "10.1.2.3")).toBe("10.1.2.3");
  });

  test("stops at a hop that is no address", () => {
    expect(find(["10.0.0.0/8"], "10.1.2.3", "198.51.100.1, <script>")).toBe("10.1.2.3");
    expect(find(["10.0.0.0/8"], "10.1.2.3", "198.51.100.1, , 10.9.9.9")).toBe("10.9.9.9");
  });

  test("counts in limits with the /64 around it where it is IPv6", () => {
    expect(addressBlock("203.0.113.9")).toBe("203.0.113.9");
    expect(addressBlock("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(addressBlock("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
    expect(addressBlock("2001:db8::1")).toBe("2001:db8:0:0::/64");
    expect(addressBlock("::1")).toBe("0:0:0:0::/64");
    expect(addressBlock("fe80::")).toBe("fe80:0:0:0::/64");
  });
});
