/** What a person is told of a Redis that cannot be used: Bun's client only says that the connection was closed. */
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const answerMs = 1_000;
const defaultPort = 6379;

interface Target {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** `host:port/database`: without what is secret. */
export function redisLabel(url: string): string {
  const { host, port, database } = targetOf(url);
  return `${host}:${port}/${database}`;
}

/** One sentence on why Redis cannot be used, found out by asking it over a connection of its own. Never throws. */
export async function whyUnreachable(url: string, error: unknown): Promise<string> {
  const target = targetOf(url);
  const place = `${target.host}:${target.port}`;
  try {
    const answer = await ask(target);
    if (answer === undefined) return `${place} takes connections and does not answer`;
    if (/^-(?:NOAUTH|WRONGPASS|ERR (?:invalid password|AUTH)|NOPERM)/.test(answer))
      return `${place} refuses the user or password of REDIS_URL`;
    if (answer.startsWith("-")) return `${place} says: ${answer.slice(1)}`;
    if (answer === "") return `what listens at ${place} is no Redis, or wants TLS (rediss://)`;
    return error instanceof Error ? error.message : String(error);
  } catch (failure) {
    const code = failure instanceof Error && "code" in failure ? String(failure.code) : String(failure);
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the host ${target.host} of REDIS_URL is not known`;
    if (code === "ECONNREFUSED") return `nothing listens at ${place} of REDIS_URL`;
    if (/CERT|VERIFY/.test(code))
      return `${place} shows a certificate that is not trusted (${code}); NODE_EXTRA_CA_CERTS takes a file with its authority's`;
    return `${place} of REDIS_URL cannot be reached (${code})`;
  }
}

/** The first error Redis answers with, else its last answer; "" where it hangs up, undefined where it is silent. */
function ask(target: Target): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const { host, port, secure } = target;
  const socket: Socket = secure
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain({ host, port });
  let text = "";
  const questions = questionsOf(target);
  const lines = (): string[] => text.split("\r\n").slice(0, -1);
  const decide = (last: boolean): void => {
    const refused = lines().find((line) => line.startsWith("-"));
    if (refused !== undefined) resolve(refused);
    else if (lines().length >= questions.length) resolve(lines().at(-1));
    else if (last) resolve("");
  };
  socket.once(secure ? "secureConnect" : "connect", () => socket.write(questions.map(encode).join("")));
  socket.on("data", (bytes) => {
    text += bytes;
    decide(false);
  });
  socket.once("close", () => decide(true));
  socket.once("error", reject);
  const timer = setTimeout(() => resolve(undefined), answerMs);
  return promise.finally(() => {
    clearTimeout(timer);
    socket
      .removeAllListeners("error")
      .on("error", () => {})
      .destroy();
  });
}

function questionsOf({ user, password, database }: Target): string[][] {
  const questions = [["PING"], ["SELECT", database]];
  if (password !== "") questions.unshift(user === "" ? ["AUTH", password] : ["AUTH", user, password]);
  return questions;
}

/** A command as Redis reads it. */
const encode = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

function targetOf(text: string): Target {
  const url = new URL(text);
  return {
    secure: url.protocol === "rediss:",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || defaultPort),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.replace(/^\//, "") || "0",
  };
}
