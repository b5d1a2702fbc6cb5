/** The files of the repository as a reader sees them: no dependencies, no builds, no data. */
import { Glob } from "bun";

const root = new URL("../..", import.meta.url).pathname;
const left = /^(node_modules|dist|data|coverage|\.git)\//;

let files: readonly string[] | undefined;

/** Paths from the top of the repository, sorted. What `.gitignore` names is left out. */
export function trackedFiles(): readonly string[] {
  files ??= [...new Glob("**/*").scanSync({ cwd: root, dot: true })]
    .filter((path) => !left.test(path) && !path.endsWith(".log") && path !== ".env")
    .sort();
  return files;
}

export const pathOf = (file: string): string => `${root}${file}`;
