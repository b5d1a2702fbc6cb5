/** `taskwire token`: a token of a person, for scripts and for trying the API. */
import type { Command } from "./command.ts";
import { argument } from "./option.ts";
import { perform } from "./perform.ts";

const email = argument("email", "The person's e-mail address, or their id");

export const tokenCommand: Command = {
  name: "token",
  group: "Programs",
  summary: "Print a token that speaks for a person, for a short time",
  about:
    "For the header Authorization: Bearer … of requests and live connections. It lives for JWT_TTL_SECONDS, as those of POST /api/token. On standard output stands the token alone.",
  options: [email],
  examples: [
    ["taskwire token ana@example.org", "prints the token, and on standard error when it expires"],
    ["taskwire token --email ana@example.org --json", "the same with its expiry, as JSON"],
  ],
  async run(given, terminal) {
    const { issueToken } = await import("./user-operations.ts");
    const issued = await perform(async () => issueToken, { email: email.read(given) }, terminal);
    terminal.answer(issued, [issued.token]);
    if (!terminal.json) terminal.note(`expires at ${issued.expires_at}`);
    return 0;
  },
};
