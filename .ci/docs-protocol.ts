/** The parts of docs/protocol.md that are made: the tests of each clause, the lists of frames, events and errors. */
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { audiences } from "../src/http/asyncapi.ts";
import { frameSummaries } from "../src/http/reference-frames.ts";
import { events } from "../src/protocol/catalogue.ts";
import { customEvent } from "../src/protocol/custom-events.ts";
import { errorReference } from "../src/protocol/error-reference.ts";
import { errorKinds } from "../src/protocol/errors.ts";
import { clientFrames } from "../src/protocol/frames.ts";

const root = new URL("..", import.meta.url);

export interface ClauseTest {
  readonly clause: string;
  /** From the top of the repository. */
  readonly file: string;
  readonly name: string;
}

/** `test("[S6] …"`, `describe.each(…)("[S6][G3] …"`: the first text of a call that names a test or a suite. */
const namePattern =
  /\b(?:test|describe|describeApp)\b[\w.]*(?:\((?:[^()"'`]|"(?:[^"\\]|\\.)*"|'[^']*'|\((?:[^()]|\([^()]*\))*\))*\))?\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** Every test or suite whose name begins with clauses in brackets, once for each of them. */
export function clauseTests(): ClauseTest[] {
  const files = readdirSync(new URL("test", root), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.test\.tsx?$/.test(file))
    .sort();
  return files.flatMap((path) => {
    const file = `test/${path}`;
    return [...readFileSync(new URL(file, root), "utf8").matchAll(namePattern)].flatMap(([, plain, template]) => {
      const name = (plain ?? template ?? "").replace(/\$\{[^}]*\}/g, "…").replace(/\\(.)/g, "$1");
      const [marks = "", text = ""] = /^((?:\[[A-Z]\d+\]\s*)+)(.*)$/s.exec(name)?.slice(1) ?? [];
      return [...marks.matchAll(/\[([A-Z]\d+)\]/g)].map(([, clause = ""]) => ({ clause, file, name: text.trim() }));
    });
  });
}

const json = (value: unknown): string[] => ["```json", JSON.stringify(value, null, 2), "```"];

function testsOf(clause: string, tests: readonly ClauseTest[]): string[] {
  const own = tests.filter((test) => test.clause === clause);
  const count = `${own.length} ${own.length === 1 ? "test" : "tests"}`;
  // Markup in a name must not become markup of the page.
  const items = own.map(({ file, name }) => `- [${file.slice(5)}](../${file}): ${name.replace(/[<>*_`[\]]/g, "\\$&")}`);
  return ["<details>", `<summary>Proven by ${count}</summary>`, "", ...items, "", "</details>"];
}

/** `{task_id, version?}` */
function keysOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodObject)) return "";
  const keys = Object.entries<z.ZodType>(schema.shape).map(([name, field]) => (field.isOptional() ? `${name}?` : name));
  return `\`{${keys.join(", ")}}\``;
}

const frameRows = (): string[] => [
  "| frame | data | answer | |",
  "|---|---|---|---|",
  ...Object.entries(clientFrames).map(
    ([name, { data, answer }]) =>
      `| \`${name}\` | ${keysOf(data)} | ${keysOf(answer)} | ${frameSummaries[name as keyof typeof clientFrames]} |`, // the table's own name
  ),
];

const eventRows = (): string[] => [
  "| event | data | to | durable |",
  "|---|---|---|---|",
  ...Object.entries({ ...events, "x_…": customEvent }).map(
    ([name, { audience, durable, data }]) =>
      `| \`${name}\` | ${keysOf(data)} | ${audiences[audience]} | ${durable ? "yes" : "no"} |`,
  ),
];

const errorRows = (): string[] => [
  "| code | HTTP | means | try again? |",
  "|---|---|---|---|",
  ...Object.entries(errorReference).map(([code, { meaning, cure, answer }]) => {
    const { retry } = errorKinds[code as keyof typeof errorKinds]; // the table's own code
    return `| \`${code}\` | ${answer.status} | ${meaning} | ${retry ? "**Yes.**" : "Not as it is."} ${cure} |`;
  }),
  "",
  "An answer of each:",
  ...Object.entries(errorReference).flatMap(([code, { request, answer }]) => [
    "",
    `<details><summary><code>${code}</code></summary>`,
    "",
    `\`${request}\``,
    "",
    ...json(answer),
    "",
    "</details>",
  ]),
];

/** `page` with everything between `<!-- name -->` and `<!-- end -->` made anew. Throws for a mark that is not known. */
export function protocolPage(page: string): string {
  const tests = clauseTests();
  const lists: Readonly<Record<string, () => string[]>> = { frames: frameRows, events: eventRows, errors: errorRows };
  return page.replace(/<!-- ([\w ]+) -->\n[\s\S]*?<!-- end -->/g, (_, mark: string) => {
    const [kind = "", clause = ""] = mark.split(" ");
    const lines = kind === "tests" ? testsOf(clause, tests) : lists[kind]?.();
    if (!lines) throw new Error(`docs/protocol.md has a mark that nothing is known of: ${mark}`);
    return [`<!-- ${mark} -->`, ...lines, "<!-- end -->"].join("\n");
  });
}
