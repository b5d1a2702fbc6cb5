/** Where PostgreSQL is: DATABASE_URL taken apart, and what to tell a person when it cannot be used. */
import { StartError } from "../core/start-error.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The socket file, where the host is a folder. */
  readonly path?: string | undefined;
  readonly user: string;
  readonly database: string;
  readonly applicationName: string;
  /** Server parameters of the query (`search_path`, `statement_timeout`, …), stronger than ours. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The rest as postgres.js takes it; holds the password. */
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly pass: string;
    readonly database: string;
    readonly ssl: boolean | "require" | "allow" | "prefer" | "verify-full";
  };
}

const example =
  "It takes postgres://user:password@host:5432/database; write special characters in the password as %XX.";

/** Throws StartError; its text never holds the address itself, for there is a password in it. */
export function parseAddress(text: string): Address {
  const url = URL.parse(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new StartError("DATABASE_URL is not the address of a PostgreSQL database", example);
  }
  const {
    host: givenHost,
    application_name,
    sslmode,
    ssl,
    channel_binding: _,
    ...parameters
  } = Object.fromEntries(url.searchParams);
  const user = decode(url.username) || "postgres";
  const database = decode(url.pathname.slice(1)) || user;
  const host = givenHost ?? (decode(url.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost");
  const port = Number(url.port || 5432);
  return {
    host,
    port,
    path: host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : undefined,
    user,
    database,
    applicationName: printable(application_name ?? "taskwire"),
    parameters,
    options: { host, port, user, pass: decode(url.password), database, ssl: sslOf(sslmode ?? ssl) },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StartError("DATABASE_URL holds a % that is not the start of a %XX", example);
  }
}

/** PostgreSQL keeps 63 bytes of ASCII; the pool's own name follows behind it. */
const printable = (name: string): string => name.replace(/[^\x20-\x7e]/g, "?").slice(0, 50);

function sslOf(mode: string | undefined): Address["options"]["ssl"] {
  switch (mode) {
    case undefined:
    case "disable":
    case "false":
      return false;
    case "true":
    case "require":
      return "require";
    case "allow":
    case "prefer":
    case "verify-full":
      return mode;
    default:
      throw new StartError(
        `DATABASE_URL asks for sslmode=${mode}`,
        "It takes sslmode=disable, allow, prefer, require or verify-full.",
      );
  }
}
