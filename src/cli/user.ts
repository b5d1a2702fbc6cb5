/** `taskwire user …`: the accounts of the server. */
import type { Command } from "./command.ts";
import { argument, flag, type Given, text } from "./option.ts";
import { perform } from "./perform.ts";
import { fields, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import type { Person } from "./user-operations.ts";

const operations = () => import("./user-operations.ts");

const email = argument("email", "The person's e-mail address, or their id");
const address = argument("email", "The address the person signs in with");
const name = text("name", "text", "How others see the person", "what stands before the @");
const admin = flag("admin", "Make the person an administrator of the server; the first one is in any case");
const passwordStdin = flag(
  "password-stdin",
  "Read the password from standard input; else one is made and printed once",
);
const search = text("search", "text", "Only those with this in their name or address");

const addCommand: Command = {
  name: "user add",
  group: "People",
  summary: "Make an account",
  about: "Works with every SIGN_UP: the operator decides who gets an account.",
  options: [address, name, admin, passwordStdin],
  examples: [
    ["taskwire user add ana@example.org --name Ana --admin", "prints a password that was made for her"],
    ["taskwire user add ben@example.org --password-stdin < password.txt", "takes the first line of the file"],
  ],
  async run(given, terminal) {
    const at = address.read(given);
    const input = {
      email: at,
      name: name.read(given) ?? at.split("@")[0] ?? at,
      admin: admin.read(given),
      ...(await readPassword(given, terminal)),
    };
    const added = await perform(async () => (await operations()).addUser, input, terminal);
    const { user, password } = added;
    const role = user.role === "admin" ? "an administrator of this server" : "a user of this server";
    terminal.answer(added, [`${who(user)} is ${role}.`, ...passwordLines(password, terminal)]);
    return 0;
  },
};

const listCommand: Command = {
  name: "user list",
  group: "People",
  summary: "Show who has an account",
  options: [search],
  examples: [
    ["taskwire user list", "everybody, by e-mail address"],
    ["taskwire user list --search ana --json", "those with ana in their name or address, as JSON"],
  ],
  async run(given, terminal) {
    const input = { search: search.read(given) };
    const found = await perform(async () => (await operations()).listUsers, input, terminal);
    const { paint, width } = terminal;
    const rows = found.users.map((user) => [
      user.email ?? user.id,
      user.name,
      user.role,
      user.disabled_at === null ? "active" : "disabled",
      user.created_at.slice(0, 10),
    ]);
    const row = (line: string, index: number) => (found.users[index]?.disabled_at ? paint.dim(line) : line);
    const titles = ["e-mail", "name", "role", "state", "since"];
    const nobody = input.search === undefined ? 'Nobody has an account: "taskwire user add" makes one.' : "Nobody.";
    terminal.answer(found, rows.length === 0 ? [nobody] : table(titles, rows, { width, title: paint.bold, row }));
    return 0;
  },
};

const disableCommand: Command = {
  name: "user disable",
  group: "People",
  summary: "Sign a person out everywhere, and let them in no more",
  about: "What they made stays. Open connections are closed within a second.",
  options: [email],
  examples: [["taskwire user disable ben@example.org", "until he is enabled again"]],
  async run(given, terminal) {
    const done = await perform(async () => (await operations()).disableUser, { email: email.read(given) }, terminal);
    terminal.answer(done, [`${who(done.user)} is disabled and signed out everywhere.`]);
    return 0;
  },
};

const enableCommand: Command = {
  name: "user enable",
  group: "People",
  summary: "Let a disabled person in again",
  options: [email],
  examples: [["taskwire user enable ben@example.org", "he signs in with his password"]],
  async run(given, terminal) {
    const done = await perform(async () => (await operations()).enableUser, { email: email.read(given) }, terminal);
    terminal.answer(done, [`${who(done.user)} may sign in again.`]);
    return 0;
  },
};

const resetCommand: Command = {
  name: "user reset-password",
  group: "People",
  summary: "Give a person a new password, and sign them out everywhere",
  options: [email, passwordStdin],
  examples: [["taskwire user reset-password ben@example.org", "prints the new password once"]],
  async run(given, terminal) {
    const input = { email: email.read(given), ...(await readPassword(given, terminal)) };
    const reset = await perform(async () => (await operations()).resetPassword, input, terminal);
    const ended = reset.ended_sessions === 1 ? "1 session was" : `${reset.ended_sessions} sessions were`;
    const first = `${who(reset.user)} has a new password; ${ended} ended.`;
    terminal.answer(reset, [first, ...passwordLines(reset.password, terminal)]);
    return 0;
  },
};

const roleCommand = (verb: "make" | "remove", summary: string, example: string): Command => ({
  name: `user ${verb}-admin`,
  group: "People",
  summary,
  options: [email],
  examples: [[`taskwire user ${verb}-admin ben@example.org`, example]],
  async run(given, terminal) {
    const input = { email: email.read(given), role: verb === "make" ? ("admin" as const) : ("user" as const) };
    const done = await perform(async () => (await operations()).setRole, input, terminal);
    const role = verb === "make" ? "is an administrator" : "is no administrator";
    terminal.answer(done, [`${who(done.user)} ${role} of this server.`]);
    return 0;
  },
});

export const userCommands: readonly Command[] = [
  addCommand,
  listCommand,
  disableCommand,
  enableCommand,
  resetCommand,
  roleCommand(
    "make",
    "Make a person an administrator of the server",
    "he sees all users; projects only where he is a member",
  ),
  roleCommand("remove", "Take the administrator's rights from a person", "one administrator must be left"),
];

const who = ({ name, email, id }: Person): string => `${name} (${email ?? id})`;

async function readPassword(given: Given, terminal: Terminal): Promise<{ password?: string }> {
  return passwordStdin.read(given) ? { password: await terminal.readSecret("Password: ") } : {};
}

const passwordLines = (password: string | null, { paint }: Terminal): string[] =>
  password === null ? [] : ["", ...fields([["password", password]], paint.bold), "", "It is shown only now."];
