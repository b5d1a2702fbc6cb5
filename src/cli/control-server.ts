/** The server's end of the control socket. Whoever can open the socket is the user that runs the server, or root. */
import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../core/log.ts";
import { AppError } from "../protocol/errors.ts";
import { type ControlLine, controlPath } from "./control.ts";
import { explain, explanationDocument } from "./explain.ts";
import type { Office } from "./operation.ts";
import { operations } from "./operations.ts";

export interface ControlServer {
  /** Refuses new work, gives what runs some time to end, and removes the socket. */
  stop(): Promise<void>;
}

const stopWaitMs = 3_000;
/** Work may be silent for long; a connection that is silent for ten seconds is closed by Bun. */
const keepAliveMs = 3_000;

/** Call it while the data folder's lock is held: a socket that lies there is nobody's. Throws errors of the file system. */
export function startControlServer(office: Office, log: Log): ControlServer {
  const path = controlPath(office.config.dataDir);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const server = listenPrivately(office.config.dataDir, path, (request) =>
    answer(request, office, log, stopping.signal, running),
  );
  return {
    async stop() {
      stopping.abort();
      rmSync(path, { force: true }); // from now on commands wait for the database
      const answered = Promise.allSettled(running).then(() => server.stop(false));
      await Promise.race([answered, Bun.sleep(stopWaitMs)]);
      await server.stop(true);
    },
  };
}

/** The socket gets its mode in a folder that nobody else can enter, then its place: there is no moment in between. */
function listenPrivately(dataDir: string, path: string, fetch: (request: Request) => Promise<Response>) {
  const draft = join(dataDir, "control.new");
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  try {
    const socket = join(draft, "sock");
    const server = Bun.serve({ unix: socket, development: false, fetch });
    chmodSync(socket, 0o600);
    renameSync(socket, path);
    return server;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function answer(
  request: Request,
  office: Office,
  log: Log,
  stopping: AbortSignal,
  running: Set<Promise<void>>,
): Promise<Response> {
  const name = new URL(request.url).pathname.slice(1);
  const operation = operations.find((candidate) => candidate.name === name);
  if (!operation || request.method !== "POST") return new Response(null, { status: 404 });
  const input: unknown = await request.json().catch(() => undefined);
  // Gone: nobody waits for it any more. Stopping: the database goes next.
  const gone = AbortSignal.any([request.signal, stopping]);
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  const write = (text: string): void => void writer.write(`${text}\n`).catch(() => {});
  const say = (line: ControlLine): void => write(JSON.stringify(line));
  const keepAlive = setInterval(write, keepAliveMs, "");
  const work = operation
    .serve(office, input, (progress) => {
      if (gone.aborted) throw new AppError("unavailable", "the server stops, or the command was stopped");
      say({ progress });
    })
    .then(
      (result) => say({ result }),
      (error: unknown) => {
        if (gone.aborted) log.info({ operation: name }, "command stopped");
        say(explained(error, name, log));
      },
    )
    .finally(() => {
      clearInterval(keepAlive);
      void writer.close().catch(() => {});
    });
  running.add(work);
  void work.finally(() => running.delete(work));
  return new Response(readable.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "application/x-ndjson" },
  });
}

function explained(error: unknown, operation: string, log: Log) {
  const explanation = explain(error);
  if (explanation.code !== "internal") return explanationDocument(explanation);
  log.error({ err: error, operation }, "command failed");
  return explanationDocument({
    ...explanation,
    advice: "This was not foreseen: the log of the server has the details.",
  });
}
