/** What to tell a person when PostgreSQL cannot be reached at the start. */
import { StartError } from "../core/start-error.ts";
import type { Address } from "./address.ts";
import { sqlState } from "./errors.ts";

/** Any error of the first connection as a StartError; the password is in none of its words. */
export function explainStart(error: unknown, address: Address): StartError {
  if (error instanceof StartError) return error;
  const at = address.path ?? `${address.host}:${address.port}`;
  const code = sqlState(error) ?? systemCode(error);
  const [message, advice] = known(code, address, at) ?? [
    `the database at ${at} refused the connection: ${said(error, address)}`,
    "Check DATABASE_URL, and the server's own log for the reason.",
  ];
  return new StartError(message, advice, { cause: withoutSecrets(error, address) });
}

function known(code: string | undefined, address: Address, at: string): [string, string] | undefined {
  const { user, database, host, options } = address;
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "DNS_ENOTFOUND":
      return [`no computer is known as ${host}`, "Correct the host in DATABASE_URL, or the name service."];
    case "ECONNREFUSED":
    case "ENOENT":
      return [
        `nothing listens on ${at}`,
        "Start PostgreSQL there, or correct host and port in DATABASE_URL. Without DATABASE_URL the embedded database is used.",
      ];
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return [
        `${at} does not answer as PostgreSQL does`,
        "See that PostgreSQL runs there and that no firewall stands between.",
      ];
    case "CONNECTION_CLOSED":
    case "ECONNRESET":
      if (options.ssl) {
        return [
          `PostgreSQL at ${at} does not speak TLS`,
          "Switch TLS on there (ssl = on), or take sslmode out of DATABASE_URL.",
        ];
      }
      return [
        `${at} closes the connection as PostgreSQL does not`,
        "See that it is PostgreSQL that listens there, and that a proxy before it reaches it.",
      ];
    case "57P03":
      return [`PostgreSQL at ${at} is still starting, or stopping`, "Try again when it takes connections."];
    case "28P01":
      return [`PostgreSQL at ${at} refuses the password of ${user}`, "Correct user and password in DATABASE_URL."];
    case "28000":
      return [
        `PostgreSQL at ${at} does not let ${user} into ${database}`,
        "See that the user exists and that pg_hba.conf lets it in from here (it may want sslmode=require).",
      ];
    case "3D000":
      return [
        `there is no database ${database} at ${at}`,
        `Make it (createdb --host ${host} --owner ${user} ${database}) or correct DATABASE_URL.`,
      ];
    case "42501":
      return [
        `${user} may not use the database ${database} at ${at}`,
        `Grant it: grant all on database ${database} to ${user};`,
      ];
    case "53300":
      return [`PostgreSQL at ${at} has no connection left`, "Raise its max_connections, or lower DATABASE_POOL_SIZE."];
    default:
      return undefined;
  }
}

const systemCode = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

const said = (error: unknown, address: Address): string =>
  hide(error instanceof Error ? error.message : String(error), address);

const hide = (text: string, { options }: Address): string =>
  options.pass === "" ? text : text.replaceAll(options.pass, "***").replaceAll(encodeURIComponent(options.pass), "***");

/** Drivers hang their options and queries on errors; only the words are kept. */
const withoutSecrets = (error: unknown, address: Address): Error => new Error(said(error, address));
