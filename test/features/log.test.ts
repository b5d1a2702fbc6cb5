/** Lines that are written while the program ends. */
import { expect, test } from "bun:test";
import { pathOf } from "../support/repository.ts";

const rounds = 8;

test("once the log is flushed its last line is written, however soon the program ends", async () => {
  const program = `
    import { createLog, flushLog } from ${JSON.stringify(pathOf("src/core/log.ts"))};
    const log = createLog({ logLevel: "info", logFormat: "json" });
    log.info({}, "stopping");
    await Bun.sleep(20);
    log.info({}, "stopped");
    await flushLog(log);
    process.exit(0);`;
  for (let round = 0; round < rounds; round++) {
    const { stdout } = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    const lines = (await new Response(stdout).text()).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["stopping", "stopped"]);
  }
});
