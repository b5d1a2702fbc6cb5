/** Every command line that the help and the pages show is one that works. */
import { expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { variableNames } from "../../src/core/variables.ts";
import { migrateUp } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import { startServer, temporaryFolder } from "../support/program.ts";
import { pathOf, trackedFiles } from "../support/repository.ts";

/** Begun by other tests (serve.test.ts), for they end only with a signal. */
const endless = ["serve"];
/** Not while a server has the database. */
const alone = ["migrate down"];
/** The key of the example stands for one that is there. */
const shownPrefix = "tw_4fGh2kLmN7";
/** The job of the examples. */
const shownJob = "01a1f9c0-77de-7e34-a9a2-6a5a3e1f2b11";

const folder = temporaryFolder();

/** A folder with a program `taskwire` for the shell, which is this source. */
function makeProgram(): string {
  const path = join(folder, "taskwire");
  writeFileSync(path, `#!/bin/sh\nexec ${process.execPath} --no-env-file ${pathOf("src/main.ts")} "$@"\n`);
  chmodSync(path, 0o755);
  writeFileSync(join(folder, "password.txt"), "a password of Ben's\n");
  return folder;
}

async function inShell(line: string, port: string): Promise<{ exitCode: number; said: string }> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of variableNames) delete env[name];
  const shell = Bun.spawn(["sh", "-c", line], {
    cwd: folder,
    env: { ...env, PATH: `${makeProgram()}:${env.PATH}`, MODE: "test", DATA_DIR: join(folder, "data"), PORT: port },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = (await Promise.all([new Response(shell.stdout).text(), new Response(shell.stderr).text()])).join("");
  return { exitCode: await shell.exited, said };
}

/** A job that failed for good, of a kind that runs nowhere. */
async function makeShownJob(): Promise<void> {
  const database = await openDatabase({ databaseUrl: undefined, dataDir: join(folder, "data"), poolSize: 1 });
  await migrateUp(database);
  await database.sql`insert into jobs (id, kind, payload, attempts, due_at, dead_at)
    values (${shownJob}, 'nothing', '{}', 3, now(), now())`;
  await database.close();
}

test("every example of the help does what it says", async () => {
  await makeShownJob();
  const server = await startServer({ env: { DATA_DIR: join(folder, "data") } });
  const { port } = new URL(server.url);
  const works = async (line: string) => {
    const { exitCode, said } = await inShell(line, port);
    expect([line, exitCode, said]).toEqual([line, 0, expect.stringMatching(/./)]);
    return said;
  };
  let count = 0;
  for (const { name, examples } of commands) {
    expect(examples.length).toBeGreaterThan(0);
    if (endless.includes(name) || alone.includes(name)) continue;
    for (const [line] of examples) {
      const prefix = line.includes(shownPrefix)
        ? /tw_\w{10}/.exec(await works("taskwire api-key list"))?.[0]
        : undefined;
      await works(line.replace(shownPrefix, prefix ?? ""));
      count++;
    }
  }
  expect(count).toBeGreaterThan(commands.length - 2);
  server.signal("SIGTERM");
  await server.ended;
  for (const { name, examples } of commands) if (alone.includes(name)) for (const [line] of examples) await works(line);
}, 180_000);

test("every command line of a page can be read", () => {
  const pages = trackedFiles().filter((path) => path.endsWith(".md"));
  const shown = pages.flatMap((page) =>
    [...readFileSync(pathOf(page), "utf8").matchAll(/(?:^|[\s`/])taskwire ([^`\n]+)/gm)].map(([, line = ""]) => ({
      page,
      line,
    })),
  );
  const called = shown
    .filter(({ line }) => !/<\w|\[/.test(line)) // `user add <email>` shows how a line is made
    .map(({ page, line }) => ({ page, words: (/^[^#|<>&;]+/.exec(line)?.[0] ?? "").trim().split(/ +/) }))
    .filter(({ words: [first = ""] }) => known.has(first));
  for (const { page, words } of called) {
    const asked = words.some((word) => ["--help", "-h", "help"].includes(word));
    if (!asked && !words.includes("--version")) expect([page, readable(words)]).toEqual([page, "yes"]);
  }
  expect(called.length).toBeGreaterThan(25);
});

const known = new Set(["help", "--help", "--version", ...commands.map(({ name }) => name.split(" ")[0] ?? "")]);

function readable(words: readonly string[]): string {
  try {
    parseCommandLine(commands, words);
    return "yes";
  } catch (error) {
    return `${words.join(" ")}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
