/** Signals to a process and everything below it (Linux). */
import { readdirSync, readFileSync } from "node:fs";

export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** `pid` where its command line holds `mark`, with all its descendants, parents first; empty where it is another's. */
export function pidsBelow(pid: number, mark = ""): number[] {
  if (!commandLine(pid)?.includes(mark)) return [];
  const children = Map.groupBy(runningPids(), parentOf);
  const found = [pid];
  for (const next of found) found.push(...(children.get(next) ?? []));
  return found;
}

/** Parents first, so that none starts another child in between. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of pidsBelow(pid)) {
    try {
      process.kill(each, signal);
    } catch {
      // it ended by itself
    }
  }
}

/** SIGKILL to all. */
export const killTree = (pid: number): void => signalTree(pid, "SIGKILL");

const runningPids = (): number[] => readdirSync("/proc").map(Number).filter(Number.isInteger);

function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined;
  }
}

/** The fourth field of stat; the second, a name in brackets, may hold anything. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return -1;
  }
}
