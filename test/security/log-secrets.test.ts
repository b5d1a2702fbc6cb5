import { describe, expect, test } from "bun:test";
import { createLog, type Log } from "../../src/core/log.ts";
import { makeKeyText } from "../../src/features/auth/key-text.ts";

const canary = "canary-7f3a9c";

const written = (use: (log: Log) => void, logFormat: "json" | "pretty" = "json"): string => {
  let output = "";
  use(
    createLog({ logLevel: "trace", logFormat }, (line) => {
      output += line;
    }),
  );
  return output;
};

describe("secrets in log lines", () => {
  for (const key of [
    "authorization",
    "cookie",
    "set-cookie",
    "password",
    "newPassword",
    "token",
    "AUTH_SECRET",
    "jwt",
    "apiKey",
  ]) {
    test(`the field ${key} is taken out at every depth and in child loggers`, () => {
      const output = written((log) => {
        log.info({ [key]: canary, deep: { list: [{ [key]: canary }] } }, "fields");
        log.child({ request: "r-1" }).warn({ headers: { [key]: canary } }, "child");
      });
      expect(output).not.toContain(canary);
      expect(output).toContain("r-1");
    });
  }

  test("bearer tokens, passwords of addresses and JWTs inside texts are taken out", () => {
    const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${canary}`;
    const output = written((log) =>
      log.info({ a: `Bearer ${canary}`, b: `postgres://me:${canary}@db/x`, c: jwt, d: `bearer.${jwt}` }, "texts"),
    );
    expect(output).not.toContain(canary);
    expect(output).toContain("postgres://me:");
  });

  test("API keys are taken out of texts and errors, whole or cut", () => {
    const { key, prefix } = makeKeyText();
    const output = written((log) => {
      log.info({ path: `/api/me?x=${key}&y=1`, list: [`key ${key.slice(0, 30)}`] }, "texts");
      log.error({ err: new Error(`no such key: ${key}`) }, "failed");
    });
    expect(output).not.toContain(prefix);
    expect(output).toContain("&y=1");
  });

  test("an error keeps its stack and cause and loses the parameters of its query", () => {
    const cause = Object.assign(new Error("duplicate key"), { code: "23505", parameters: [canary] });
    const error = new Error(`Failed query: insert into x values ($1)\nparams: ${canary}\n${canary}`, { cause });
    for (const format of ["json", "pretty"] as const) {
      const output = written((log) => {
        log.error({ err: error }, "failed");
        log.error(error);
      }, format);
      expect(output).not.toContain(canary);
      expect(output).toContain("log-secrets.test.ts");
      expect(output).toContain("duplicate key");
    }
  });

  test("what is no secret stays as it is", () => {
    const line = JSON.parse(written((log) => log.info({ port: 3000, room: "project:1", list: [1, null] }, "ready")));
    expect(line).toMatchObject({ level: "info", port: 3000, room: "project:1", list: [1, null], msg: "ready" });
  });
});
