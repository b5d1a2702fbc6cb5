/** Tells open pages that their sources were edited. In development only. */
import { watch } from "node:fs";

export const changesPath = "/dev/changes";

/** Editors write a file in several steps; they are told as one. */
const settleMs = 50;

export interface Changes {
  /** A stream of events: `styles` where nothing but style sheets changed, else `page`. */
  respond(): Response;
}

/** Watches from the first page that asks on. */
export function createChanges(): Changes {
  const open = new Set<ReadableStreamDefaultController<string>>();
  let watching = false;
  let styles = true;
  let settling = false;
  const tell = (): void => {
    for (const controller of open) controller.enqueue(`data: ${styles ? "styles" : "page"}\n\n`);
    styles = true;
    settling = false;
  };
  const start = (): void => {
    if (watching) return;
    watching = true;
    const watcher = watch(Bun.fileURLToPath(new URL(".", import.meta.url)), { recursive: true }, (_, name) => {
      styles &&= name?.endsWith(".css") === true;
      if (!settling) setTimeout(tell, settleMs);
      settling = true;
    });
    watcher.unref();
  };
  return {
    respond() {
      start();
      let own: ReadableStreamDefaultController<string> | undefined;
      const stream = new ReadableStream<string>({
        start(controller) {
          own = controller;
          open.add(controller);
          controller.enqueue(": watching\n\n");
        },
        cancel() {
          if (own) open.delete(own);
        },
      });
      return new Response(stream.pipeThrough(new TextEncoderStream()), {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
      });
    },
  };
}
