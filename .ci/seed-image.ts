/**
 * Makes src/db/pglite/seed.tar.zst: an empty cluster as initdb leaves it, without the template databases, which nothing
 * here copies from; and beside it pglite.data.zst, the files of PGlite's own file system, and pglite.wasm.zst, the engine.
 * To be run again when PGlite's version changes: `bun .ci/seed-image.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";

const target = new URL("../src/db/pglite/seed.tar.zst", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "taskwire-seed-"));

try {
  const db = await PGlite.create(folder, {
    initDbStartParams: ["--wal-segsize=1"], // MB: the default of 16 would be most of the image
    startParams: [...PGlite.defaultStartParams, "-c", "min_wal_size=2MB", "-c", "max_wal_size=2MB"],
  });
  await db.exec("vacuum (full, freeze, analyze)");
  for (const template of ["template1", "template0"]) {
    await db.exec(`update pg_database set datistemplate = false, datallowconn = true where datname = '${template}'`);
    await db.exec(`drop database ${template}`);
  }
  await db.exec("vacuum (freeze, analyze)");
  await db.exec("checkpoint");
  await db.close();
  // Opened once more, so that the image is of a cluster that was shut down and started from.
  const again = await PGlite.create(folder);
  await again.exec("checkpoint");
  await again.close();
  const tar = await new Response(
    Bun.spawn(
      ["tar", "--create", "--format=ustar", "--sort=name", "--owner=0", "--group=0", "--mtime=@0", "-C", folder, "."],
      { stdout: "pipe" },
    ).stdout,
  ).bytes();
  const image = Bun.zstdCompressSync(tar, { level: 19 });
  await Bun.write(target, image);
  console.log(`${target}: ${(image.length / 1e6).toFixed(2)} MB (${(tar.length / 1e6).toFixed(1)} MB unpacked)`);
  for (const name of ["pglite.data", "pglite.wasm"]) {
    const file = Bun.fileURLToPath(import.meta.resolve(`@electric-sql/pglite/${name}`));
    const packed = new URL(`../src/db/pglite/${name}.zst`, import.meta.url).pathname;
    await Bun.write(packed, Bun.zstdCompressSync(await Bun.file(file).bytes(), { level: 19 }));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
