/** A command's end of the control socket. */
import { CommandError } from "./command-error.ts";
import { ControlLine, controlPath } from "./control.ts";
import type { Operation, Report } from "./operation.ts";

/** Runs the operation in the server of this data folder; undefined where none listens. Throws CommandError. */
export async function inServer<Input, Output>(
  dataDir: string,
  { name, output }: Operation<Input, Output>,
  input: Input,
  report: Report,
): Promise<{ readonly result: Output } | undefined> {
  const response = await call(controlPath(dataDir), name, input);
  if (!response) return undefined;
  if (!response.ok || !response.body) {
    throw new CommandError(
      `the server that runs here does not know "${name}"`,
      "It is of another version: use the taskwire it was started with, or stop it.",
    );
  }
  for await (const line of linesOf(response.body)) {
    const said = ControlLine.parse(JSON.parse(line));
    if ("progress" in said) report(said.progress);
    else if ("error" in said) throw new CommandError(said.error.message, said.error.advice, said.error.code);
    else return { result: output.parse(said.result) };
  }
  throw new CommandError(
    "the server ended before it answered",
    "See its log; what was asked may have happened or not.",
  );
}

async function call(path: string, name: string, input: unknown): Promise<Response | undefined> {
  try {
    return await fetch(`http://taskwire/${name}`, {
      unix: path,
      method: "POST",
      body: JSON.stringify(input),
      timeout: false, // long work may be silent
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") return undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new CommandError(
      `a server runs here as another user: ${path} is closed to you`,
      "Run the command as the user that runs the server, or as root.",
      "forbidden",
    );
  }
}

/** Whole lines; ends where the server does. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }));
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}
