/** docs/cli.md: the help of every command. */
import { type Command, commandGroups } from "../src/cli/command.ts";
import { commands } from "../src/cli/commands.ts";
import { aboutOf, signature, usageOf } from "../src/cli/help.ts";

const beginning = `# Command line

<!-- Made by \`bun run docs:generate\` from src/cli; do not edit. -->

\`taskwire <command> --help\` prints what stands here. From the sources, \`bun src/main.ts\` stands for \`taskwire\`.

- **Where it works.** Commands use the database of the same settings as the server (\`DATA_DIR\` or \`DATABASE_URL\`, see
  [configuration](configuration.md)): run them in the folder of the server, or set what it has. PostgreSQL they open
  themselves. The embedded database has one owner: while a server has it, commands go through the socket
  \`DATA_DIR/control.sock\`, which only the user that runs the server (and root) can open; otherwise they open it themselves.
- **At once.** What a command changes is heard by running servers within a second: whoever is disabled, or has a new
  password, is cut off. On PostgreSQL with \`BROKER=memory\` it takes up to five.
- **\`--json\`.** Every command then prints one JSON document on standard output, of a failure too:
  \`{"error": {"code", "message", "advice"}}\`. Progress of long work comes as JSON lines on standard error.
- **Exit codes.** 0: done. 1: failed; what was wrong and what to do stands on standard error. 2: wrong usage.
- **Terminals.** Colours and progress bars appear on terminals alone; \`NO_COLOR=1\` switches colours off.
- **Passwords** are read from standard input (\`--password-stdin\`) or made and printed once, never taken from the command
  line, where others could read them.
`;

/** The whole page. */
export function cliPage(): string {
  const groups = commandGroups.flatMap((group) => {
    const members = commands.filter((command) => command.group === group);
    return [`## ${group}`, ...members.map(section)];
  });
  return `${[beginning.trimEnd(), ...groups].join("\n\n")}\n`;
}

function section(command: Command): string {
  const { name, summary, about, options, examples } = command;
  const table = options.map((option) => `| \`${signature(option)}\` | ${aboutOf(option)} |`);
  return [
    `### ${name}`,
    `${summary}.${about === undefined ? "" : ` ${about}`}`,
    `\`${usageOf({ name, options })}\``,
    ...(table.length === 0 ? [] : [["| | |", "|---|---|", ...table].join("\n")]),
    `\`\`\`sh\n${examples.map(([line, does]) => `# ${does}\n${line}`).join("\n")}\n\`\`\``,
  ].join("\n\n");
}
