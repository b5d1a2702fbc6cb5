/** What a person sees on a real terminal (a pseudo-terminal), and what is left out of it elsewhere. */
import { describe, expect, test } from "bun:test";
import { variableNames } from "../../src/core/variables.ts";
import { type Ended, runProgram, temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";

interface Session {
  readonly exitCode: number;
  /** Everything the terminal was sent. */
  readonly shown: string;
}

interface Typed {
  /** What the program must have shown last … */
  readonly after: string;
  /** … before these keys are pressed. */
  readonly keys: string;
}

const folder = temporaryFolder();

/** Runs the program on a terminal of its own. */
async function onTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  typed: readonly Typed[] = [],
  cols = 100,
): Promise<Session> {
  const base: Record<string, string | undefined> = { ...process.env };
  for (const name of [...variableNames, "NO_COLOR", "FORCE_COLOR"]) delete base[name];
  const left = [...typed];
  const decoder = new TextDecoder();
  let shown = "";
  const program = Bun.spawn([process.execPath, "--no-env-file", pathOf("src/main.ts"), ...args], {
    cwd: folder,
    env: { ...base, MODE: "test", TERM: "xterm", ...env },
    terminal: {
      cols,
      rows: 40,
      data(terminal, bytes) {
        shown += decoder.decode(bytes, { stream: true });
        const next = left[0];
        if (!next || !shown.endsWith(next.after)) return;
        left.shift();
        terminal.write(next.keys);
      },
    },
  });
  const exitCode = await program.exited;
  program.terminal?.close();
  expect(left).toEqual([]);
  return { exitCode, shown };
}

const piped = (args: readonly string[], input?: string): Promise<Ended> =>
  runProgram(args, { cwd: folder, ...(input !== undefined && { input }) });

const csi = "\x1b[";

describe("on a terminal", () => {
  test("progress is one line that is drawn anew and taken away, and the answer is left", async () => {
    const { exitCode, shown } = await onTerminal(["migrate", "up"]);
    expect(exitCode).toBe(0);
    const drawn = shown.split(`\r${csi}2K`);
    expect(drawn[1]).toMatch(/^ {2}migrations +\S*─{24} {3}0 % {2}0\/\d+$/);
    expect(drawn.at(-2)).toMatch(/━{24}\S* 100 % {2}(\d+)\/\1( {2}\d+\/s)?$/);
    expect(drawn.at(-1)).toStartWith("applied 0000_road\r\n");
  });

  test("elsewhere nothing is drawn, and no colour is used", async () => {
    const { stdout, stderr } = await piped(["user", "add", "ana@example.org"]);
    expect(stdout + stderr).not.toContain("\x1b");
    expect(stderr).toBe("");
  });

  test("a table has bold titles; NO_COLOR and dumb terminals get none", async () => {
    const { shown } = await onTerminal(["user", "list"]);
    expect(shown).toContain(`${csi}1me-mail `);
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const plain = await onTerminal(["user", "list"], env);
      expect(plain.shown).toContain("e-mail ");
      expect(plain.shown).not.toContain("\x1b");
    }
  });

  test("a long name is cut to the width of the terminal, and what would move the cursor is shown, not obeyed", async () => {
    await piped(["user", "add", "eve@example.org", "--name", `Eve ${csi}2J ${"x".repeat(150)}`]);
    const { shown } = await onTerminal(["user", "list"], { NO_COLOR: "1" }, [], 70);
    const line = shown.split("\r\n").find((each) => each.startsWith("eve@")) ?? "";
    expect(line).toMatch(/^eve@example\.org {2}Eve \uFFFD\[2J x+… {2}user {3}active {2}\d{4}-\d\d-\d\d$/);
    expect(Bun.stringWidth(line)).toBe(70);
  });

  test("what takes data away is asked for, and only yes is yes", async () => {
    const question = "Take back the last migration, and lose the data in its tables? [y/N] ";
    for (const keys of ["n\n", "\n"]) {
      const { exitCode, shown } = await onTerminal(["migrate", "down"], {}, [{ after: question, keys }]);
      expect([exitCode, shown]).toEqual([1, expect.stringContaining(" stopped.\r\nNothing was changed.")]);
    }
    expect((await piped(["migrate", "up"])).stdout).toBe("Nothing to do.\n");
    const yes = await onTerminal(["migrate", "down"], {}, [{ after: question, keys: "yes\n" }]);
    expect([yes.exitCode, yes.shown]).toEqual([0, expect.stringContaining("took back ")]);
    await piped(["migrate", "up"]);
  });

  test("a password is typed unseen; Ctrl-C gives up", async () => {
    const words = ["user", "add", "dora@example.org", "--password-stdin"];
    const stopped = await onTerminal(words, {}, [{ after: "Password: ", keys: "abc\x03" }]);
    expect([stopped.exitCode, stopped.shown]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
    const typed = { after: "Password: ", keys: "correct horsx\x7fe battery\r" };
    const { exitCode, shown } = await onTerminal(words, {}, [typed]);
    expect([exitCode, shown]).toEqual([0, expect.stringContaining("dora@example.org")]);
    expect(shown).not.toContain("horse");
  });

  test("a mistake in the words is told with what was meant", async () => {
    const { exitCode, shown } = await onTerminal(["user", "lits"]);
    expect(exitCode).toBe(2);
    expect(shown).toContain(`${csi}31mtaskwire:${csi}39m there is`);
    expect(shown).toContain('there is no command "user lits"; did you mean "user list"?');
  });
});
