import { describe, expect, test } from "bun:test";
import { originAllowed } from "../../src/http/origin.ts";

const config = { publicUrl: "https://tasks.example.org", corsOrigins: ["https://app.example.com"] };

const allowed = (origin: string | undefined, { host = "10.0.0.5:3000", scheme = "http", site = "" } = {}): boolean =>
  originAllowed(
    new Request(`${scheme}://${host}/ws`, {
      headers: { host, ...(origin !== undefined && { origin }), ...(site && { "sec-fetch-site": site }) },
    }),
    config,
  );

describe("[H3][S1] a request with a cookie counts only from our own pages", () => {
  test("the asked host, PUBLIC_URL and CORS_ORIGINS are ours", () => {
    expect(allowed("http://10.0.0.5:3000")).toBe(true);
    expect(allowed("https://tasks.example.org")).toBe(true);
    expect(allowed("https://app.example.com")).toBe(true);
    expect(allowed("http://localhost", { host: "localhost:80" })).toBe(true);
    expect(allowed("https://tasks.lan", { host: "tasks.lan" })).toBe(true); // a proxy ended TLS
  });

  const foreign = [
    "null",
    "",
    "https://evil.example",
    "https://tasks.example.org.evil.example",
    "https://eviltasks.example.org",
    "https://evil.tasks.example.org",
    "http://tasks.example.org",
    "https://tasks.example.org:8443",
    "https://tasks.example.org@evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://app.example.com/",
    "http://10.0.0.5:3001",
    "http://10.0.0.5:30000",
    "http://10.0.0.50:3000",
    "http://10.0.0.5:3000/",
    "http://10.0.0.5:3000, http://evil.example",
    "file://10.0.0.5:3000",
    "*",
  ];
  for (const origin of foreign) {
    test(`the origin ${JSON.stringify(origin)} is foreign`, () => {
      expect(allowed(origin)).toBe(false);
    });
  }

  test("an http page does not act on an https server of the same name", () => {
    expect(allowed("http://tasks.lan", { host: "tasks.lan", scheme: "https" })).toBe(false);
    expect(allowed("https://tasks.lan", { host: "tasks.lan", scheme: "https" })).toBe(true);
  });

  test("without an origin it counts unless a browser says that another site made it", () => {
    expect(allowed(undefined)).toBe(true);
    expect(allowed(undefined, { site: "same-origin" })).toBe(true);
    expect(allowed(undefined, { site: "cross-site" })).toBe(false);
    expect(allowed(undefined, { site: "same-site" })).toBe(false);
  });
});
