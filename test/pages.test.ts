/** Every command line that a page gives a reader is run by a test, which is named here. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { pathOf } from "./support/repository.ts";

const read = (file: string): string => readFileSync(pathOf(file), "utf8");

/** The lines of a page's shell blocks, without their remarks; of one that is added to .env, what is added. */
const shellLines = (page: string): string[] =>
  [...read(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .map((line) => line.replace(/^echo (\S+) >> \.env$/, "$1"))
    .filter((line) => line !== "");

/** `bun run x` and other commands of a page's tables. */
const tabledCommands = (page: string): string[] =>
  [...read(page).matchAll(/^\| `((?:bun run|bunx?|npx|taskwire) [^`]+)`/gm)].map(([, command = ""]) => command);

/** What runs a command: a file, and words in it that do. */
const proofs: Readonly<Record<string, readonly [file: string, words: string]>> = {
  "bun run dev": ["test/cli/dev.test.ts", "scripts.dev"],
  "bun run test": [".ci/run", "bun run test --no-skips"],
  "bun run check": [".ci/run", "bun run check"],
  "bun run build": ["test/binary.test.ts", ".ci/build.ts"],
  "bun run docs:generate": ["test/docs.test.ts", "generatedFiles()"],
  "bun run db:generate": ["test/contract/schema-drift.test.ts", '"run", "db:generate"'],
  "./taskwire serve": ["test/binary.test.ts", "command: [binary]"],
  "PUBLIC_URL=https://tasks.example.org": ["test/deploy/nginx.test.ts", "PUBLIC_URL: publicUrl"],
  "ROLES=web  PORT=3000 taskwire serve": ["test/features/roles.test.ts", 'env: { ROLES: "web" }'],
  "ROLES=jobs PORT=3001 taskwire serve": ["test/features/roles.test.ts", 'env: { ROLES: "jobs",'],
  "TRUSTED_PROXIES=127.0.0.1": ["test/deploy/nginx.test.ts", 'TRUSTED_PROXIES: "127.0.0.1"'],
};

/** They take a machine, an engine or hours that a test does not have; what they are about is tried as far as it can be. */
const elsewhere: Readonly<Record<string, string>> = {
  "bun run test:faults": "test/run.ts",
  "bun run bench": "test/bench/run.ts",
  "sudo install": "test/deploy/systemd.test.ts",
  "sudo mkdir": "test/deploy/systemd.test.ts",
  "sudo systemctl": "test/deploy/systemd.test.ts",
  journalctl: "test/deploy/systemd.test.ts",
  "docker ": "test/deploy/container.test.ts",
};

describe("the commands of the pages", () => {
  const commands = [
    ...shellLines("CONTRIBUTING.md"),
    ...tabledCommands("CONTRIBUTING.md"),
    ...shellLines("docs/deployment.md"),
  ].filter((line) => !line.startsWith("printf "));

  test("are run by a test", () => {
    expect(commands.length).toBeGreaterThan(15);
    const unproven = commands.filter(
      (command) => !(command in proofs) && !Object.keys(elsewhere).some((begin) => command.startsWith(begin)),
    );
    expect(unproven).toEqual([]);
  });

  test("have proofs that run them", () => {
    for (const [command, [file, words]] of Object.entries(proofs)) {
      expect([command, read(file).includes(words)]).toEqual([command, true]);
    }
    const used = (begin: string): boolean => commands.some((command) => command.startsWith(begin));
    expect([...Object.keys(proofs), ...Object.keys(elsewhere)].filter((begin) => !used(begin))).toEqual([]);
  });
});

describe("the deployment page", () => {
  const page = read("docs/deployment.md");

  test.if(Bun.which("openssl") !== null)("makes a .env of the secrets that compose.yaml asks for", () => {
    const line = shellLines("docs/deployment.md").find((line) => line.startsWith("printf ")) ?? "";
    const made = Bun.spawnSync(["/bin/sh", "-c", line.replace(/ > \.env$/, "")]).stdout.toString();
    const names = [...made.matchAll(/^([A-Z_]+)=[0-9a-f]{64}$/gm)].map(([, name]) => name);
    const asked = [...read("compose.yaml").matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name);
    expect([...new Set(names)].sort()).toEqual([...new Set(asked)].sort());
    expect(made.trim().split("\n")).toHaveLength(names.length);
  });

  test("tells of every line of .env that compose.yaml reads", () => {
    const lines = [...read("compose.yaml").matchAll(/\$\{([A-Z_]+):/g)].map(([, name = ""]) => name);
    const untold = [...new Set(lines)].filter((name) => !page.includes(`\`${name}`));
    expect(untold).toEqual([]);
  });

  test("names the version and the user that the image has", () => {
    const { version }: { version: string } = JSON.parse(read("package.json"));
    expect(page).toContain(`docker build --tag taskwire:${version} .`);
    expect(page).toContain(`user ${/USER (\d+):/.exec(read("Dockerfile"))?.[1]}`);
  });
});
