/**
 * What `test/run.ts` makes once for all test files: a migrated database of either kind, which is copied faster than it is
 * made, and the executable. Where it was not made (`bun test` of a file) each test makes its own, and servers run from source.
 */
import { copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateUp } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import { killTree } from "./processes.ts";
import { pathOf } from "./repository.ts";
import { createPostgresDatabase, type TestPostgres } from "./services.ts";

const folderVariable = "TASKWIRE_TEST_DATA_DIR";
const templateVariable = "TASKWIRE_TEST_POSTGRES_TEMPLATE";
const executableVariable = "TASKWIRE_TEST_EXECUTABLE";

/** A data folder of the test's own for a server without accounts, on the database at this address or the embedded one. */
export function newDataDir(name: string, databaseUrl: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), `taskwire-${name}-`));
  const prepared = process.env[folderVariable];
  if (prepared !== undefined && databaseUrl === undefined) cpSync(prepared, folder, { recursive: true });
  return folder;
}

/** Address of a database that holds nothing yet; undefined where PostgreSQL is not installed. */
export const newPostgresDatabase = (): Promise<string | undefined> =>
  createPostgresDatabase(process.env[templateVariable]);

/** The executable of these sources, where it was made. */
export const preparedExecutable = (): string | undefined => process.env[executableVariable];

/** The words before the arguments of the program: the executable where it was made, else Bun and the sources. */
export const programCommand = (): readonly string[] => {
  const executable = preparedExecutable();
  return executable === undefined ? [process.execPath, "--no-env-file", pathOf("src/main.ts")] : [executable];
};

export interface Prepared {
  /** For the environment of the tests. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export async function prepare(cluster: TestPostgres | undefined): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), "taskwire-prepared-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const [executable, dataDir, template] = await Promise.all([
    buildInto(folder),
    migratedFolder(join(folder, "data")),
    cluster && migratedTemplate(cluster),
  ]);
  const env = {
    [folderVariable]: dataDir,
    ...(template !== undefined && { [templateVariable]: template }),
    ...(executable !== undefined && { [executableVariable]: executable }),
  };
  return { env, remove };
}

/** Undefined where it does not build: test/binary.test.ts then says why. */
async function buildInto(folder: string): Promise<string | undefined> {
  const build = Bun.spawn([process.execPath, "--no-env-file", pathOf(".ci/build.ts")], {
    cwd: pathOf("."),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const kill = (): void => killTree(build.pid);
  process.on("exit", kill);
  const exitCode = await build.exited;
  process.off("exit", kill);
  if (exitCode !== 0) return undefined;
  const executable = join(folder, "taskwire");
  copyFileSync(pathOf("dist/taskwire"), executable); // whoever builds meanwhile does not change what is tested
  return executable;
}

async function migratedFolder(dataDir: string): Promise<string> {
  const database = await openDatabase({ databaseUrl: undefined, dataDir, poolSize: 1 });
  await migrateUp(database);
  await database.close();
  return dataDir;
}

/** The name of the database. */
async function migratedTemplate(cluster: TestPostgres): Promise<string> {
  const url = await cluster.createDatabase();
  const database = await openDatabase({ databaseUrl: url, dataDir: tmpdir(), poolSize: 1 });
  await migrateUp(database);
  await database.close(); // nobody may be connected to what is copied
  return new URL(url).pathname.slice(1);
}
