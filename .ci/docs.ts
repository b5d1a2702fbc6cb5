/** `bun run docs:generate`: writes the pages that are made from the code. test/docs.test.ts checks they are current. */
import { readFileSync, writeFileSync } from "node:fs";
import { type VariableProse, variableProse } from "../src/core/config-values.ts";
import { type VariableName, variableNames, variables } from "../src/core/variables.ts";
import { asyncApiText, openApiText } from "../src/http/reference.ts";
import { cliPage } from "./docs-cli.ts";
import { eventsPage } from "./docs-events.ts";
import { operationsPage } from "./docs-metrics.ts";
import { protocolPage } from "./docs-protocol.ts";
import { currentWire, wireText } from "./wire.ts";
import { committedWire, requireCompatible } from "./wire-changes.ts";

const root = new URL("..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Path from the top of the repository → content. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  "docs/configuration.md": configurationPage(),
  ".env.example": envExample(),
  "docs/cli.md": cliPage(),
  "docs/events.md": eventsPage(),
  "docs/openapi.json": openApiText(),
  "docs/asyncapi.json": asyncApiText(),
  "docs/protocol.md": protocolPage(read("docs/protocol.md")),
  "docs/operations.md": operationsPage(read("docs/operations.md")),
  "docs/wire.json": wireText(currentWire()),
});

interface Variable extends VariableProse {
  readonly name: VariableName;
  /** The default as one would write it; "" where it depends. */
  readonly value: string;
}

const described: readonly Variable[] = variableNames.map((name) => {
  const prose = variableProse.get(variables[name]);
  if (!prose) throw new Error(`${name} has no prose in src/core/variables.ts`);
  const value = variables[name].safeParse(undefined);
  return { name, ...prose, value: value.success && value.data !== undefined ? String(value.data) : "" };
});

const groups = Map.groupBy(described, ({ group }) => group);

function configurationPage(): string {
  const lines = [
    "# Configuration",
    "",
    "<!-- Made by `bun run docs:generate` from src/core/variables.ts; do not edit. -->",
    "",
    "Environment variables, or lines of a file `.env` in the folder the server is started in. They are checked at start:",
    "all mistakes are told at once. An empty variable counts as absent. A secret may be kept in a file: `AUTH_SECRET_FILE`",
    "with the path of the file stands for `AUTH_SECRET`, and so on.",
  ];
  for (const [group, members] of groups) lines.push("", `## ${group}`, ...members.flatMap(section));
  return `${lines.join("\n")}\n`;
}

const section = ({ name, about, takes, fallback, secret, value }: Variable): string[] => [
  "",
  `### ${name}`,
  "",
  `${about}`,
  "",
  `- Takes ${takes}.`,
  `- Default: ${fallback ?? (value === "" ? "none" : `\`${value}\``)}.`,
  ...(secret ? [`- Secret: never logged; \`${name}_FILE\` reads it from a file.`] : []),
];

function envExample(): string {
  const lines = [
    "# Every variable of Taskwire with its default. Copy to .env and uncomment what differs.",
    "# Made by `bun run docs:generate` from src/core/variables.ts; do not edit.",
  ];
  for (const [group, members] of groups) {
    lines.push("", `# ${group}`);
    for (const { name, about, fallback, value } of members) {
      lines.push("", `# ${about}`, ...(fallback ? [`# Default: ${fallback}.`] : []), `# ${name}=${value}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  requireCompatible(committedWire(), currentWire());
  for (const [path, content] of Object.entries(generatedFiles())) {
    writeFileSync(new URL(path, root), content);
    console.log(`wrote ${path}`);
  }
}
