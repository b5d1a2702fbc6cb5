import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { createAssets } from "../../src/http/assets.ts";
import { AppError } from "../../src/protocol/errors.ts";

const script = new TextEncoder().encode(`${"export const answer = 42;\n".repeat(400)}`);
const picture = crypto.getRandomValues(new Uint8Array(5000));
const assets = createAssets(
  new Map([
    ["/app-1a2b.js", { bytes: script, type: "text/javascript; charset=utf-8", immutable: true }],
    ["/logo.png", { bytes: picture, type: "image/png", immutable: false }],
  ]),
);

let server: Bun.Server<undefined>;
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => (await assets.respond(request, new URL(request.url).pathname)) ?? new Response("none"),
  });
});
afterAll(() => server.stop(true));

const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(new URL(path, server.url), { method, decompress: false, headers });

describe("files of the page", () => {
  const decompress = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync } as const;
  const choices = [
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, zstd", "zstd"],
    ["gzip", "gzip"],
    ["br;q=0.1, gzip;q=0.5", "gzip"],
    ["*", "br"],
    ["*, br;q=0", "zstd"],
  ] as const;
  for (const [accepted, encoding] of choices) {
    test(`are sent as ${encoding} to who accepts "${accepted}"`, async () => {
      const answer = await ask("/app-1a2b.js", { "accept-encoding": accepted });
      expect(answer.headers.get("content-encoding")).toBe(encoding);
      expect(answer.headers.get("vary")).toBe("Accept-Encoding");
      const body = new Uint8Array(await answer.arrayBuffer());
      expect(Number(answer.headers.get("content-length"))).toBe(body.byteLength);
      expect(body.byteLength).toBeLessThan(500);
      expect(new Uint8Array(decompress[encoding](body))).toEqual(script);
    });
  }

  for (const accepted of ["identity", "br;q=0", "deflate", ""]) {
    test(`are sent plain to who accepts "${accepted}"`, async () => {
      const answer = await ask("/app-1a2b.js", { "accept-encoding": accepted });
      expect(answer.headers.get("content-encoding")).toBeNull();
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(script);
    });
  }

  test("pictures are not compressed again", async () => {
    const answer = await ask("/logo.png", { "accept-encoding": "br" });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(picture);
  });

  test("are kept for ever where their name holds a hash, else asked for again by ETag", async () => {
    expect((await ask("/app-1a2b.js")).headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const first = await ask("/logo.png");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const etag = first.headers.get("etag") ?? "";
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await ask("/logo.png", { "if-none-match": known });
      expect([again.status, await again.text()]).toEqual([304, ""]);
    }
    expect((await ask("/logo.png", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test("each encoding has its own ETag", async () => {
    const etags = await Promise.all(
      ["br", "gzip", "identity"].map(async (name) =>
        (await ask("/app-1a2b.js", { "accept-encoding": name })).headers.get("etag"),
      ),
    );
    expect(new Set(etags).size).toBe(3);
  });

  test("HEAD tells the length and sends nothing", async () => {
    const answer = await ask("/logo.png", {}, "HEAD");
    expect([answer.status, answer.headers.get("content-length"), await answer.text()]).toEqual([200, "5000", ""]);
  });

  test("only paths of the table are answered, and they cannot be written", async () => {
    for (const path of ["/", "/app-1a2b.js/", "/../package.json", "/%2e%2e/package.json", "/logo.png%00"]) {
      expect(await (await ask(path)).text()).toBe("none");
    }
    const write = assets.respond(new Request("http://localhost/logo.png", { method: "POST" }), "/logo.png");
    await expect(write).rejects.toThrow(AppError);
  });

  test("who was led to a path that is none sees a page, with the status 404 and kept by nobody; a program does not", async () => {
    const missing = (accept: string, method = "GET") =>
      assets.respondMissing(
        new Request("http://localhost/nowhere", {
          method,
          headers: { accept, "accept-encoding": "br", "if-none-match": "*" },
        }),
        "/app-1a2b.js",
      );
    const answer = await missing("text/html,*/*;q=0.8");
    expect([answer?.status, answer?.headers.get("cache-control"), answer?.headers.get("etag")]).toEqual([
      404,
      "no-store",
      null,
    ]);
    expect(brotliDecompressSync(new Uint8Array((await answer?.arrayBuffer()) ?? []))).toEqual(Buffer.from(script));
    expect([await missing("*/*"), await missing("application/json"), await missing("text/html", "POST")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
