/** Makes the reference while the executable is being bundled, in a process of its own: a macro has no modules but its own. */

/** Runs at build time; what it answers (zstd of JSON, in base64) becomes part of the code. Throws where the reference cannot be made. */
export function packedReference(): string {
  const program = Bun.fileURLToPath(new URL("./reference-texts.ts", import.meta.url));
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, program]);
  if (exitCode !== 0) throw new Error(`the reference could not be made:\n${stderr.toString()}`);
  return Bun.zstdCompressSync(stdout, { level: 19 }).toString("base64");
}
