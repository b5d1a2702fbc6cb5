import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { runProgram } from "../support/program.ts";

describe("the command line", () => {
  test("version prints the version alone", async () => {
    for (const args of [["version"], ["--version"], ["-v"]]) {
      expect(await runProgram(args)).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: "" });
    }
  });

  test("help lists every command and shows examples, needing no valid configuration", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { exitCode, stdout } = await runProgram(args, { env: { PORT: "wrong" } });
      expect(exitCode).toBe(0);
      for (const text of ["serve", "health", "version", "Examples:"]) expect(stdout).toContain(text);
    }
    const help = await runProgram(["serve", "--help"]);
    expect(help.stdout).toContain("DATABASE_URL=postgres://");
    expect(help).toEqual(await runProgram(["help", "serve"]));
  });

  test("what it does not know is told on standard error, with exit code 2", async () => {
    const unknown = await runProgram(["srve"]);
    expect(unknown).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: 'taskwire: there is no command "srve".\nRun "taskwire --help" for what there is.\n',
    });
    const surplus = await runProgram(["serve", "--port=80"]);
    expect([surplus.exitCode, surplus.stderr]).toEqual([2, expect.stringContaining('"serve" takes no "--port=80"')]);
  });

  test("health says that nobody answers, with exit code 1", async () => {
    const { exitCode, stderr } = await runProgram(["health"], { env: { PORT: "1" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("taskwire: no answer from http://127.0.0.1:1/health/ready");
  });
});
