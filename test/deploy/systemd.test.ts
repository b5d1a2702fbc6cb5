/** docs/deploy/taskwire.service, read by systemd itself. */
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";
import { skipped } from "../support/services.ts";

const analyze = Bun.which("systemd-analyze");
if (!analyze) skipped("systemd-analyze", "apt-get install systemd");
const unit = readFileSync(pathOf("docs/deploy/taskwire.service"), "utf8");

const run = (args: readonly string[]): { exitCode: number; output: string } => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([analyze ?? "", ...args]);
  return { exitCode, output: stdout.toString() + stderr.toString() };
};

test.if(analyze !== null)("the unit is one, and leaves the server little it could do to the machine", () => {
  // systemd looks whether the program is there; on this machine another one stands in for it.
  const file = join(temporaryFolder(), "taskwire.service");
  writeFileSync(file, unit.replaceAll("/usr/local/bin/taskwire", "/bin/true"));
  expect(run(["verify", file])).toEqual({ exitCode: 0, output: "" });
  const { exitCode } = run(["security", "--offline=true", "--threshold=20", file]);
  expect(exitCode).toBe(0);
});

test("the unit starts the server as nobody special, with time to stop", () => {
  expect(unit).toContain("ExecStart=/usr/local/bin/taskwire serve\n");
  expect(unit).toContain("DynamicUser=yes\nStateDirectory=taskwire\n");
  expect(unit).toContain("DATA_DIR=/var/lib/taskwire");
  expect(Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1])).toBeGreaterThan(5);
});
