/** HTTP: one function that sends JSON and throws the server's problem as a TaskwireError. */
import type { SocketError } from "../protocol/errors.ts";
import { knownCode, networkError, TaskwireError } from "./errors.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RestOptions {
  /** Where the server is: scheme, host, port; no path. */
  readonly url: string;
  /** Answers the bearer token, a fresh one after a refusal; undefined: the browser's session cookie speaks. */
  readonly token: ((fresh: boolean) => Promise<string>) | undefined;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

export interface Rest {
  /**
   * Sends `body` as JSON and answers the parsed body (undefined for 204). The caller names the shape, which is the
   * contract's for that path. Throws TaskwireError: the problem's code, or `network`.
   */
  request<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
}

const timeoutMs = 20_000;

export function createRest({ url, token, fetch }: RestOptions): Rest {
  const send = async (method: Method, path: string, body: unknown, fresh: boolean): Promise<Response> => {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${await token(fresh)}`;
    const init: RequestInit = { method, headers, signal: AbortSignal.timeout(timeoutMs) };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (!token) init.credentials = "include";
    try {
      return await fetch(`${url}${path}`, init);
    } catch {
      throw networkError();
    }
  };
  return {
    async request<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
      let response = await send(method, path, body, false);
      if (response.status === 401 && token) response = await send(method, path, body, true);
      if (!response.ok) throw await problemOf(response);
      return parseAnswer(response);
    },
  };
}

async function parseAnswer<Answer>(response: Response): Promise<Answer> {
  try {
    const text = await response.text();
    // The one place where text from the wire gets its type: the server keeps the contract, the client does not check it.
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  } catch {
    throw networkError("the answer was cut off");
  }
}

/** The error of a problem+json answer (H1); of anything else (a proxy's page) by its status. */
async function problemOf(response: Response): Promise<TaskwireError> {
  const { status } = response;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const problem = await response.json().catch(() => undefined);
  if (!isProblem(problem)) {
    const unreachable = status === 502 || status === 503 || status === 504;
    const code = unreachable ? "unavailable" : "internal";
    return new TaskwireError(code, `the server answered ${status}`, { status, retryAfterMs });
  }
  const { code, detail, title, errors, current } = problem;
  return new TaskwireError(knownCode(code), detail ?? title ?? code, { status, retryAfterMs, errors, current });
}

interface Problem extends Pick<SocketError, "code" | "errors" | "current"> {
  readonly title?: string;
  readonly detail?: string;
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";
