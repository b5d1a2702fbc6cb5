/** Every command. What a command needs is loaded when it is called, so that `version` does not load the server. */
import { apiKeyCommands } from "./api-key.ts";
import type { Command } from "./command.ts";
import { jobCommands } from "./jobs.ts";
import { migrateCommands } from "./migrate.ts";
import { seedCommand } from "./seed.ts";
import { serverCommands } from "./server.ts";
import { tokenCommand } from "./token.ts";
import { userCommands } from "./user.ts";

export const commands: readonly Command[] = [
  ...serverCommands,
  ...migrateCommands,
  seedCommand,
  ...userCommands,
  tokenCommand,
  ...apiKeyCommands,
  ...jobCommands,
];
