/** docs/events.md: every event with its audience, its fields and an example, from the catalogue. */
import { audiences, describeSocket, eventPayload, exampleOf } from "../src/http/asyncapi.ts";
import type { JsonSchema } from "../src/http/reference-schemas.ts";
import { fieldsOf, notesOf, typeText } from "../src/http/reference-words.ts";
import { events } from "../src/protocol/catalogue.ts";
import { customEvent } from "../src/protocol/custom-events.ts";
import type { EventDefinition } from "../src/protocol/event.ts";

const parts = describeSocket(events);
const all: readonly (readonly [string, EventDefinition])[] = [...Object.entries(events), ["x_…", customEvent]];
const rooms = { project: "A project's room", user: "A person's own room", connection: "One connection" } as const;
const anchor = (name: string): string => name.toLowerCase();
/** Bars separate the cells of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

function fieldTable(schema: JsonSchema): string[] {
  const rows = fieldsOf(schema).map(({ path, schema: field, required }) => {
    const notes = [...(required ? [] : ["optional"]), ...notesOf(field)].join(", ");
    return cell(`\`${path}\` | ${typeText(field, anchor)} | ${notes}`).replaceAll("\\|", "|");
  });
  if (rows.length === 0) return [`${typeText(schema, anchor)}.`];
  return ["| field | holds | |", "|---|---|---|", ...rows.map((row) => `| ${row} |`)];
}

const section = ([name, event]: readonly [string, EventDefinition]): string[] => [
  "",
  `### ${name}`,
  "",
  event.description,
  "",
  ...fieldTable(parts.book.of(event.data)),
  "",
  "```json",
  JSON.stringify(exampleOf(eventPayload(name, event, parts), event.data, parts), null, 2),
  "```",
];

/** Named schemas that fields of events refer to, themselves or through each other. */
function namedSchemas(): [string, JsonSchema][] {
  const refs = (value: unknown): string[] =>
    [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = ""]) => name);
  const found = new Set<string>();
  const waiting = all.flatMap(([, { data }]) => refs(parts.book.of(data)));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...refs(parts.book.components[name] ?? {}));
  }
  return Object.entries(parts.book.components).filter(([name]) => found.has(name));
}

export function eventsPage(): string {
  const lines = [
    "# Events",
    "",
    "<!-- Made by `bun run docs:generate` from src/protocol/catalogue.ts; do not edit. -->",
    "",
    "What the server says on the socket. Durable events are kept in the log of their room, carry `seq`, and are replayed to who",
    "was away; the others may be lost. A field that is not known here may be added at any time.",
    "",
    "| event | to | durable | |",
    "|---|---|---|---|",
    ...all.map(
      ([name, { audience, durable, description }]) =>
        `| [\`${name}\`](#${anchor(name)}) | ${audiences[audience]} | ${durable ? "yes" : "no"} | ${description} |`,
    ),
  ];
  for (const [audience, title] of Object.entries(rooms)) {
    const told = all.filter(([, event]) => event.audience === audience);
    lines.push(
      "",
      `## ${title}`,
      "",
      `Told to ${audiences[audience as keyof typeof rooms]}.`,
      ...told.flatMap(section),
    );
  }
  lines.push("", "## Schemas");
  for (const [name, schema] of namedSchemas()) lines.push("", `### ${name}`, "", ...fieldTable(schema));
  return `${lines.join("\n")}\n`;
}
