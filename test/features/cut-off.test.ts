/** Callers who go away in the middle of what they say. */
import { expect, test } from "bun:test";
import { createLog } from "../../src/core/log.ts";
import { startApp } from "../support/app.ts";
import { makePerson } from "../support/people.ts";

/** Lines of the log at level debug, and a wait for one. */
function listen() {
  const lines: string[] = [];
  let heard = Promise.withResolvers<void>();
  const log = createLog({ logLevel: "debug", logFormat: "json" }, (line) => {
    lines.push(line);
    heard.resolve();
    heard = Promise.withResolvers();
  });
  const until = async (part: string): Promise<string> => {
    for (;;) {
      const line = lines.find((each) => each.includes(part));
      if (line) return line;
      await heard.promise;
    }
  };
  return { lines, log, until };
}

test("[H1] a body that is cut off is no failure of the server's, and nothing of it is done", async () => {
  const { lines, log, until } = listen();
  const app = await startApp({ overrides: { log } });
  try {
    const ana = await makePerson(app, "cut-off");
    const { port } = new URL(app.url);
    const body = JSON.stringify({ name: "Cut" });
    const parts = {
      "/api/projects": `content-length: ${body.length + 1}\r\n\r\n${body}`,
      "/api/projects?chunked": `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
      "/api/auth/sign-in/email": `content-length: 1000\r\n\r\n{"email":`,
      "/socket.io/?EIO=4&transport=polling": "content-length: 1000\r\n\r\n40",
    };
    for (const [path, rest] of Object.entries(parts)) {
      const id = `cut-${path}`.replace(/\W/g, "-");
      const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-request-id: ${id}\r\norigin: ${app.url}\r\n`;
      const caller = await Bun.connect({ hostname: "127.0.0.1", port: Number(port), socket: { data() {} } });
      caller.write(`${head}authorization: Bearer ${ana.token}\r\ncontent-type: application/json\r\n${rest}`);
      caller.flush();
      caller.end();
      const answered = await until(`"request_id":"${id}"`);
      expect([path, answered]).toEqual([path, expect.stringMatching(/"status":4\d\d.*"request answered"/)]);
    }
    expect(lines.filter((line) => /"level":"(?:warn|error)"/.test(line))).toEqual([]);
    const page = await ana.call<{ items: unknown[] }>("GET", "/api/projects");
    expect(page.body.items).toEqual([]);
  } finally {
    await app.stop();
  }
});
