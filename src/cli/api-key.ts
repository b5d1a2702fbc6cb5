/** `taskwire api-key …`: keys of programs, which speak for a person within limits. */
import type { Command } from "./command.ts";
import { argument, list, optionalArgument, requiredText, whole } from "./option.ts";
import { perform } from "./perform.ts";
import { fields, table } from "./table.ts";

const operations = async () => (await import("./api-key-operations.ts")).apiKeys;

const owner = argument("email", "Whose rights the key has: an e-mail address, or an id");
const name = requiredText("name", "text", "What the key is for");
const scopes = list("scopes", "list", "Any of read, write, events:publish, notifications:send", "read");
const projects = list("projects", "list", "Only these projects, by key or id", "all of the person's");
const expiresDays = whole("expires-days", "The key fails after so many days", {
  min: 1,
  max: 36_500,
  fallback: undefined,
});
const whose = optionalArgument("email", "Only those of this person");
const key = argument("key", "Its id or its prefix, as the list shows them");

const createCommand: Command = {
  name: "api-key create",
  group: "Programs",
  summary: "Make an API key, and print it once",
  about: "A key may do what its person may, within its scopes and projects.",
  options: [owner, name, scopes, projects, expiresDays],
  examples: [
    ["taskwire api-key create ana@example.org --name reports", "may read what Ana sees"],
    [
      "taskwire api-key create ana@example.org --name builds --scopes read,write --expires-days 90",
      "may also write; fails after 90 days",
    ],
  ],
  async run(given, terminal) {
    const input = {
      email: owner.read(given),
      name: name.read(given),
      scopes: scopes.read(given) ?? ["read"],
      projects: projects.read(given),
      expires_days: expiresDays.read(given),
    };
    const made = await perform(async () => (await operations()).create, input, terminal);
    const rows: [string, string][] = [
      ["key", made.key],
      ["scopes", made.scopes.join(", ")],
      ["projects", made.project_ids === null ? "all of the person's" : made.project_ids.join(", ")],
      ["expires", made.expires_at ?? "never"],
    ];
    terminal.answer(made, [...fields(rows, terminal.paint.bold), "", "The key is shown only now."]);
    return 0;
  },
};

const listCommand: Command = {
  name: "api-key list",
  group: "Programs",
  summary: "Show the API keys",
  options: [whose],
  examples: [["taskwire api-key list", "all keys, in the order they were made"]],
  async run(given, terminal) {
    const input = { email: whose.read(given) };
    const found = await perform(async () => (await operations()).list, input, terminal);
    const { paint, width } = terminal;
    const rows = found.api_keys.map((each) => [
      each.prefix,
      each.name,
      each.user_email ?? each.user_id,
      each.scopes.join(","),
      each.expires_at?.slice(0, 10) ?? "never",
      each.last_used_at?.slice(0, 10) ?? "never",
    ]);
    const titles = ["prefix", "name", "person", "scopes", "expires", "last used"];
    terminal.answer(found, rows.length === 0 ? ["There are none."] : table(titles, rows, { width, title: paint.bold }));
    return 0;
  },
};

const deleteCommand: Command = {
  name: "api-key delete",
  group: "Programs",
  summary: "Delete an API key; its connections are closed within a second",
  options: [key],
  examples: [["taskwire api-key delete tw_4fGh2kLmN7", "by the prefix that the list shows"]],
  async run(given, terminal) {
    const done = await perform(async () => (await operations()).delete, { key: key.read(given) }, terminal);
    const { name, prefix, user_name } = done.api_key;
    terminal.answer(done, [`The key ${name} (${prefix}) of ${user_name} is deleted.`]);
    return 0;
  },
};

export const apiKeyCommands: readonly Command[] = [createCommand, listCommand, deleteCommand];
