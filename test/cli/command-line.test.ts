import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { commands } from "../../src/cli/commands.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { runProgram } from "../support/program.ts";

const parse = (line: string) => {
  const { command, given } = parseCommandLine(commands, line.split(" "));
  return { name: command.name, given: Object.fromEntries(given) };
};
const refusal = (line: string): string => {
  try {
    return `taken as ${JSON.stringify(parse(line))}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe("the command line", () => {
  test("version prints the version alone", async () => {
    for (const args of [["version"], ["--version"], ["-v"]]) {
      expect(await runProgram(args)).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: "" });
    }
    const { stdout } = await runProgram(["version", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ version: manifest.version });
  });

  test("without a command, help lists every command and needs no valid configuration", async () => {
    const help = await runProgram([], { env: { PORT: "wrong" } });
    expect([help.exitCode, help.stderr]).toEqual([0, ""]);
    for (const { name, summary } of commands) expect(help.stdout).toContain(`  ${name.padEnd(21)}${summary}\n`);
    for (const text of ["Examples:", "Exit codes: 0 done, 1 failed, 2 wrong usage."])
      expect(help.stdout).toContain(text);
    for (const args of [["--help"], ["-h"], ["help"]]) expect(await runProgram(args)).toEqual(help);
  });

  test("every command has a help with its options and examples", async () => {
    const help = await runProgram(["serve", "--help"]);
    expect(help.stdout).toContain("DATABASE_URL=postgres://");
    expect(help).toEqual(await runProgram(["help", "serve"]));
    const add = await runProgram(["help", "user", "add"]);
    expect(add.stdout).toContain("Usage: taskwire user add <email> [--name <text>] [--admin] [--password-stdin]\n");
    expect(add).toEqual(await runProgram(["user", "add", "someone@example.org", "--help"]));
    const user = await runProgram(["user", "--help"]);
    expect([user.exitCode, user.stdout]).toEqual([0, expect.stringContaining("  user reset-password  ")]);
  });

  test("what it does not know is told on standard error, with what was meant and exit code 2", async () => {
    expect(await runProgram(["srve"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: 'taskwire: there is no command "srve"; did you mean "serve"?\nRun "taskwire --help" for what there is.\n',
    });
    const surplus = await runProgram(["serve", "--port=80"]);
    expect([surplus.exitCode, surplus.stderr]).toEqual([2, expect.stringContaining('"serve" takes no "--port"')]);
    const asJson = await runProgram(["migrate", "--json"]);
    expect([asJson.exitCode, asJson.stderr, JSON.parse(asJson.stdout)]).toEqual([
      2,
      "",
      {
        error: {
          code: "usage",
          message: '"migrate" takes one of these behind it: status, up, down.',
          advice: 'Run "taskwire migrate --help" for what there is.',
        },
      },
    ]);
  });

  test("health says that nobody answers, with exit code 1", async () => {
    const { exitCode, stderr } = await runProgram(["health"], { env: { PORT: "1" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("taskwire: no answer from http://127.0.0.1:1/health/ready");
    expect(stderr).toContain("Start the server");
  });

  test("mistakes of the configuration are told with --json as well", async () => {
    const { exitCode, stdout } = await runProgram(["user", "list", "--json"], { env: { PORT: "x", SIGN_UP: "y" } });
    expect([exitCode, JSON.parse(stdout).error]).toEqual([
      1,
      {
        code: "configuration",
        message: expect.stringMatching(/^PORT is "x"; .*\. SIGN_UP is "y"; .*\.$/),
        advice: expect.stringContaining(".env"),
      },
    ]);
  });
});

describe("words", () => {
  test("options come with = or a space, before or behind arguments, and arguments also by their name", () => {
    const expected = { name: "user add", given: { email: "a@b.org", name: "Ana", admin: "" } };
    for (const line of [
      "user add a@b.org --name Ana --admin",
      "user add --name=Ana --admin a@b.org",
      "user add --admin --email a@b.org --name Ana",
      "user add --name Ana --admin -- a@b.org",
    ])
      expect(parse(line)).toEqual(expected);
  });

  test("what does not fit is refused, each in its words", () => {
    const refused: Readonly<Record<string, string>> = {
      "user add": "<email> is missing",
      "user add a@b.org c@d.org": '"user add" takes no "c@d.org"',
      "user add a@b.org --name": "--name takes a value: --name <text>",
      "user add a@b.org --name --admin": "--name takes a value: --name <text>",
      "user add a@b.org --admin=yes": "--admin takes no value",
      "user add a@b.org --admin --admin": "--admin stands there twice",
      "user add a@b.org --nmae Ana": '"user add" takes no "--nmae"; did you mean --name?',
      "user ad a@b.org": 'there is no command "user ad"; did you mean "user add"?',
      "user --json":
        '"user" takes one of these behind it: add, list, disable, enable, reset-password, make-admin, remove-admin',
      "seed --tasks many": '--tasks takes a whole number from 0 to 1000000, not "many"',
      "seed --people 0": '--people takes a whole number from 1 to 1000, not "0"',
      "api-key create a@b.org": "--name <text> is missing",
      xyzzy: 'there is no command "xyzzy"',
    };
    for (const [line, message] of Object.entries(refused)) expect([line, refusal(line)]).toEqual([line, message]);
  });

  test("a password is never taken from the command line", () => {
    for (const line of ["user add a@b.org --password secret", "user reset-password a@b.org --password=secret"]) {
      expect(refusal(line)).toContain("--password-stdin");
      expect(refusal(line)).not.toContain("secret");
    }
  });

  test("only what is near is taken for meant", () => {
    const names = ["serve", "migrate", "seed", "user", "token"];
    expect(["srve", "sered", "migarte", "usr", "mig", "x", "banana"].map((word) => nearest(word, names))).toEqual([
      ...["serve", "seed", "migrate", "user", "migrate", undefined, undefined],
    ]);
  });
});
