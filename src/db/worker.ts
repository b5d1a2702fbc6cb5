/**
 * The thread of the embedded database. Its engine blocks while a statement runs, which is why it has a thread of its
 * own. A second entry point of the executable: nothing but its first message comes from outside.
 */
import { existsSync } from "node:fs";
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { createDiskGuard, type DiskGuard } from "./pglite/disk-guard.ts";
import { type Engine, loadWasm, openEngine } from "./pglite/engine.ts";
import type { Begin, FromWorker, ToWorker } from "./pglite/messages.ts";
import { createPipe, type Pipe } from "./pglite/pipe.ts";
import { plantSeed } from "./pglite/seed.ts";
import { vacuumDue } from "./pglite/vacuum.ts";

/** After this much quiet a checkpoint is made, so that the next start has nothing to recover. */
const quietMs = 10_000;
/** How often tables are looked through for dead rows. */
const vacuumMs = 60_000;
/** The start is for answering: what can wait waits this long. */
const settledMs = 2_000;

parentPort?.once("message", (begin: Begin) => void start(begin));

async function start({ port, folder, pulse, idleTransactionTimeoutMs }: Begin): Promise<void> {
  const say = (message: FromWorker) => port.postMessage(message);
  const pulses = new Int32Array(pulse);
  const died = (reason: string): never => {
    say({ kind: "died", reason });
    // Half a statement may lie on the stack: nothing may run any more, and the main thread ends this one.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    throw new Error("unreachable");
  };
  try {
    const wasm = loadWasm();
    // Nobody waits for it yet: a rejection must not end the thread before the reason below is told.
    wasm.catch(() => {});
    if (!existsSync(folder)) await plantSeed(folder);
    const said = (line: string) => say({ kind: "log", line });
    const engine = await openEngine(await wasm, { folder, died, said });
    const guard = createDiskGuard(folder, engine);
    const inbox = createInbox(port);
    const pipe = createPipe({
      backend: engine,
      send: (id, bytes) => say({ kind: "data", id, bytes }),
      close: (id) => say({ kind: "end", id }),
      poll: () => inbox.drain(pipe),
      busy: () => void Atomics.add(pulses, 0, 1),
      rest: guard.look,
      reset: guard.reapply,
      rewrite: guard.rewrite,
      idleTransactionTimeoutMs,
    });
    const closed = () => say({ kind: "closed" });
    const failed = (error: unknown) => died(wordsOf(error));
    const noted = (error: unknown) => said(`vacuum: ${wordsOf(error)}`);
    serve({ port, inbox, pipe, engine, guard, closed, failed, noted });
    setTimeout(guard.takeReserve, settledMs);
    say({ kind: "ready" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    say({ kind: "failed", message: wordsOf(error), code });
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

interface Inbox {
  /** The end was among the messages. */
  readonly closing: boolean;
  take(message: ToWorker, pipe: Pipe): void;
  /** Takes everything that has arrived. */
  drain(pipe: Pipe): void;
}

function createInbox(port: MessagePort): Inbox {
  let closing = false;
  const take = (message: ToWorker, pipe: Pipe) => {
    if (message === "close") closing = true;
    else if (message.bytes) pipe.receive(message.id, message.bytes);
    else pipe.drop(message.id);
  };
  return {
    get closing() {
      return closing;
    },
    take,
    drain(pipe) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message, pipe);
    },
  };
}

interface Serving {
  port: MessagePort;
  inbox: Inbox;
  pipe: Pipe;
  engine: Engine;
  guard: DiskGuard;
  closed(): void;
  failed(error: unknown): never;
  /** Something went wrong that can wait. */
  noted(error: unknown): void;
}

function serve({ port, inbox, pipe, engine, guard, closed, failed, noted }: Serving): void {
  let lastMs = performance.now();
  const quiet = setInterval(() => {
    if (pipe.idle && performance.now() - lastMs >= quietMs) guard.tidy().catch(failed);
  }, quietMs);
  // Before each table everybody who waits is answered.
  const turn = () => new Promise<boolean>((resolve) => setImmediate(() => resolve(pipe.idle && !guard.full)));
  const vacuum = setInterval(() => {
    if (pipe.idle) vacuumDue(engine, turn).catch(noted);
  }, vacuumMs);
  const run = async () => {
    await pipe.run();
    if (!inbox.closing || !pipe.idle) return;
    clearInterval(quiet);
    clearInterval(vacuum);
    await engine.close();
    closed();
  };
  port.on("message", (message: ToWorker) => {
    lastMs = performance.now();
    inbox.take(message, pipe);
    inbox.drain(pipe);
    run().catch(failed);
  });
}
