/** Bundles the page while the executable is being bundled. A macro cannot call the bundler it runs in, so another process does. */
import type { PageFile } from "./bundle.ts";

/** Runs at build time; what it answers becomes part of the code. Throws where the page does not bundle. */
export function bundledPage(): PageFile[] {
  const program = Bun.fileURLToPath(new URL("./bundle.ts", import.meta.url));
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, program]);
  if (exitCode !== 0) throw new Error(`the page could not be bundled:\n${stderr.toString()}`);
  return JSON.parse(stdout.toString());
}
