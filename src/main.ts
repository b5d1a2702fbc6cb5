/** The program: `bun src/main.ts …` and the executable begin here. */
import { run } from "./cli/run.ts";

process.exit(await run(process.argv.slice(2)));
