/** Where the work of a command runs: in the server that has the database, else in this process. */
import type { Operation } from "./operation.ts";
import type { Terminal } from "./terminal.ts";

/** A server that starts or stops has the database, and no control socket: it is waited for. */
const patienceMs = 5_000;
const retryMs = 100;

/** Throws what `explain` can tell a person. `load` imports the operation, and with it the database. */
export async function perform<Input, Output>(
  load: () => Promise<Operation<Input, Output>>,
  input: Input,
  terminal: Terminal,
): Promise<Output> {
  const { loadConfig } = await import("../core/config.ts");
  const config = loadConfig(process.env);
  const [operation, { inServer }, { inOwnProcess }, { DataFolderInUse }] = await Promise.all([
    load(),
    import("./control-client.ts"),
    import("./office.ts"),
    import("../db/lock.ts"),
  ]);
  const here = () => inOwnProcess(config, operation, (office) => operation.run(office, input, terminal.report));
  if (config.databaseUrl !== undefined) return here();
  const giveUpMs = performance.now() + patienceMs;
  for (;;) {
    const there = await inServer(config.dataDir, operation, input, terminal.report);
    if (there) return there.result;
    try {
      return await here();
    } catch (error) {
      if (!(error instanceof DataFolderInUse) || performance.now() > giveUpMs) throw error;
      await Bun.sleep(retryMs);
    }
  }
}
