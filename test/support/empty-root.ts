/** A file system of a program and the libraries it is linked to, as in the image, entered by `chroot`. Needs root. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skipped } from "./services.ts";

export interface EmptyRoot {
  /** Runs the program in it, as user and group 10001; arguments follow. */
  readonly command: readonly string[];
  /** A folder inside that its user may write to. */
  readonly dataDir: string;
  /** Sends SIGTERM to a process, which may be root's. */
  terminate(pid: number): void;
  remove(): void;
}

const user = "10001:10001";

/** What puts a command in the hands of root; undefined where this user may not become root. */
function asRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = Bun.which("sudo");
  return sudo && Bun.spawnSync([sudo, "-n", "true"]).exitCode === 0 ? [sudo, "-n", "--preserve-env"] : undefined;
}

/** Says so where this user may not. */
export function mayBecomeRoot(): boolean {
  const may = asRoot() !== undefined;
  if (!may) skipped("what root or sudo may", "run as root");
  return may;
}

/** Throws where this user may not become root. */
export function makeEmptyRoot(executable: string): EmptyRoot {
  const root = asRoot();
  if (!root) throw new Error("this user may not become root");
  const folder = mkdtempSync(join(tmpdir(), "taskwire-root-"));
  const run = (command: readonly string[]): string => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
    if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
    return stdout.toString();
  };
  const libraries = run(["ldd", executable]).match(/\/\S+/g) ?? [];
  run(["cp", "--parents", "--dereference", `--target-directory=${folder}`, ...libraries]);
  run(["cp", executable, join(folder, "program")]);
  run(["mkdir", join(folder, "data"), join(folder, "tmp")]);
  run(["chmod", "1777", join(folder, "tmp")]);
  run(["chmod", "755", folder]);
  run([...root, "chown", user, join(folder, "data")]);
  run(["mkdir", join(folder, "proc"), join(folder, "dev")]);
  // What every container has; mounted in a namespace that ends with the program.
  const mount = (name: string): string => `mount --rbind /${name} "${folder}/${name}"`;
  const enter = `${mount("proc")} && ${mount("dev")} && exec chroot --userspec=${user} "${folder}" /program "$@"`;
  return {
    command: [...root, "unshare", "--mount", "/bin/sh", "-c", `PATH=$PATH:/usr/sbin:/sbin; ${enter}`, "sh"],
    dataDir: "/data",
    terminate: (pid) => void run([...root, "kill", "-TERM", String(pid)]),
    remove: () => void run([...root, "rm", "-rf", folder]),
  };
}
