/** `taskwire health`: asks the server of this configuration whether it can serve requests. */
import { z } from "zod";
import { loadConfig } from "../core/config.ts";
import { localUrl } from "../core/local-url.ts";
import { CommandError } from "./command-error.ts";
import type { Terminal } from "./terminal.ts";

const deadlineMs = 3000;
const Ready = z.looseObject({ status: z.string(), version: z.string(), checks: z.record(z.string(), z.string()) });

export async function health(terminal: Terminal): Promise<number> {
  const url = localUrl(loadConfig(process.env));
  const { ok, body } = await ask(`${url}/health/ready`);
  const parsed = Ready.safeParse(body);
  if (!parsed.success)
    throw new CommandError(`what answers at ${url} is not Taskwire`, "See that HOST and PORT are those of the server.");
  const { status, version, checks } = parsed.data;
  const { green, red } = terminal.paint;
  const failing = Object.entries(checks).filter(([, state]) => state !== "ok");
  const why = failing.map(([part, state]) => `, ${part} ${state}`).join("");
  terminal.answer(parsed.data, [`${ok ? green(status) : red(status)}  ${url}, version ${version}${why}`]);
  return ok ? 0 : 1;
}

async function ask(url: string): Promise<{ ok: boolean; body: unknown }> {
  try {
    // The certificate is for the public name; here only our own machine is asked.
    const answer = await fetch(url, { signal: AbortSignal.timeout(deadlineMs), tls: { rejectUnauthorized: false } });
    return { ok: answer.ok, body: await answer.json().catch(() => undefined) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`no answer from ${url} (${reason})`, "Start the server, or correct HOST and PORT.");
  }
}
