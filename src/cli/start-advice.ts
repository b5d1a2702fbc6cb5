/** What to tell a person when the listener cannot be opened. */
import type { Config } from "../core/config.ts";
import { StartError } from "../core/start-error.ts";

/** An error of the start as a StartError; undefined where no person can act on it. */
export function asStartError(error: unknown, config: Config): StartError | undefined {
  if (error instanceof StartError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = listenAdvice(code, config);
  return known && new StartError(known[0], known[1], { cause: error });
}

function listenAdvice(code: string, { host, port }: Config): [message: string, advice: string] | undefined {
  switch (code) {
    case "EADDRINUSE":
      return [
        `port ${port} on ${host} is in use by another program`,
        "Stop the other program, or set PORT to another one (PORT=0 picks a free one).",
      ];
    case "EACCES":
      return [`this user may not listen on port ${port}`, "Set PORT to 1024 or more."];
    case "EADDRNOTAVAIL":
    case "EINVAL":
    case "ENOTFOUND":
      return [`${host} is no address of this machine`, "Correct HOST; 0.0.0.0 listens on all of its addresses."];
    default:
      return code.startsWith("ERR_OSSL")
        ? ["TLS_CERT and TLS_KEY do not hold a certificate and its key in PEM", "Correct the two files."]
        : undefined;
  }
}
