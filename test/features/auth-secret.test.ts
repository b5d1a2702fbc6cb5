import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../../src/core/start-error.ts";
import { createPasswords } from "../../src/features/auth/passwords.ts";
import { loadAuthKeys } from "../../src/features/auth/secrets.ts";
import { refusal } from "../support/accounts.ts";

describe("the server's secret", () => {
  let folder: string;
  let dataDir: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "taskwire-secret-"));
    dataDir = join(folder, "data");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("is made once, for its owner alone, also by five at once", async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => loadAuthKeys({ authSecret: undefined, dataDir })));
    expect(new Set(made.map(({ cookie }) => cookie)).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(["auth-secret"]);
    const file = join(dataDir, "auth-secret");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, "utf8").trim(), "base64url").length).toBe(32);
    expect(await loadAuthKeys({ authSecret: undefined, dataDir })).toEqual(made[0] ?? expect.anything());
  });

  test("gives cookies, tokens and links different keys, of which none is the secret", async () => {
    const authSecret = "s".repeat(32);
    const { cookie, token, link, fingerprint } = await loadAuthKeys({ authSecret, dataDir });
    expect([token.length, link.length]).toEqual([32, 32]);
    const keys = new Set([cookie, ...[token, link].map((key) => Buffer.from(key).toString("base64"))]);
    expect(keys.size).toBe(3);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect([...keys].some((key) => Buffer.from(key, "base64").toString("hex").includes(fingerprint))).toBe(false);
    expect(cookie).not.toContain(authSecret);
    expect(await loadAuthKeys({ authSecret, dataDir })).toEqual({ cookie, token, link, fingerprint });
    expect((await loadAuthKeys({ authSecret: "t".repeat(32), dataDir })).cookie).not.toBe(cookie);
  });

  test("that is no secret stops the start with what to do", async () => {
    await loadAuthKeys({ authSecret: undefined, dataDir });
    chmodSync(join(dataDir, "auth-secret"), 0o600);
    writeFileSync(join(dataDir, "auth-secret"), "\n");
    const error = await loadAuthKeys({ authSecret: undefined, dataDir }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({ message: expect.stringContaining("auth-secret") });
  });
});

test("a crowd that wants to sign in waits its turn, and beyond the queue is told to come back", async () => {
  const passwords = createPasswords(1, 2);
  const crowd = Array.from({ length: 5 }, () => passwords.hash("a password"));
  const [first, second, third, ...refused] = await Promise.all(crowd.map((each) => each.catch(() => "refused")));
  expect(refused).toEqual(["refused", "refused"]);
  for (const hash of [first, second, third]) expect(await passwords.verify(hash ?? "", "a password")).toBe(true);
  expect(await refusal(Promise.all(Array.from({ length: 4 }, () => passwords.hash("x"))))).toBe("unavailable");
});
