/** The migrations make the schema; and `bun run db:generate` makes the next one where they do not. */
import { expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { z } from "zod";
import config from "../../drizzle.config.ts";
import { temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";

const Journal = z.object({ entries: z.array(z.object({ tag: z.string() })).min(1) });
const { entries } = Journal.parse(JSON.parse(readFileSync(pathOf("drizzle/meta/_journal.json"), "utf8")));
const newest = entries.at(-1)?.tag ?? "";
const files = [config.schema ?? []].flat();

test("the newest snapshot in drizzle/meta is the one of the schema; else run `bun run db:generate`", async () => {
  const modules: Record<string, unknown>[] = await Promise.all(files.map((file) => import(pathOf(file))));
  const schema = Object.assign({}, ...modules);
  const snapshot = JSON.parse(readFileSync(pathOf(`drizzle/meta/${newest.slice(0, 4)}_snapshot.json`), "utf8"));
  expect(await generateMigration(snapshot, generateDrizzleJson(schema))).toEqual([]);
});

test("every migration has its way down, and nothing lies beside the journal", () => {
  const expected = entries.flatMap(({ tag }) => [`${tag}.sql`, `${tag}.down.sql`]);
  expect(
    readdirSync(pathOf("drizzle"))
      .filter((name) => name !== "meta")
      .sort(),
  ).toEqual(expected.sort());
});

test("`bun run db:generate` writes a migration of what changed, and none where nothing did", async () => {
  const folder = temporaryFolder();
  for (const part of [
    "src/db",
    "src/protocol",
    "src/core",
    "drizzle",
    "package.json",
    "tsconfig.json",
    "drizzle.config.ts",
  ])
    cpSync(pathOf(part), join(folder, part), { recursive: true });
  symlinkSync(pathOf("node_modules"), join(folder, "node_modules"));
  const generate = async (): Promise<string[]> => {
    const run = Bun.spawn([process.execPath, "run", "db:generate"], { cwd: folder, stdout: "pipe", stderr: "pipe" });
    const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text());
    expect([await run.exited, said]).toEqual([0, said]);
    return readdirSync(join(folder, "drizzle")).filter((name) => !existing.has(name));
  };
  const existing = new Set(readdirSync(pathOf("drizzle")));
  expect(await generate()).toEqual([]);
  const schema = join(folder, files[0] ?? "");
  const text = readFileSync(schema, "utf8");
  writeFileSync(schema, text.replace('ipAddress: text("ip_address"),', '$& added: text("added_by_a_test"),'));
  const [made = ""] = await generate();
  expect(made).toMatch(/^\d{4}_\w+\.sql$/);
  expect(readFileSync(join(folder, "drizzle", made), "utf8")).toContain('ADD COLUMN "added_by_a_test" text');
}, 120_000);
