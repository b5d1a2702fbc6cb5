/** Parts of the page that come when they are wanted are fetched while it has nothing to do: without a connection they are there. */
import type { Taskwire } from "../client/index.ts";
import { type Lazy, whenIdle } from "./lazy.tsx";

type Part = Pick<Lazy<never>, "preload">;

/** What is no view: Markdown, and dates in words. Where one is not loaded, whoever wants it asks again. */
const tools = [() => import("./drawer/sanitise.ts"), () => import("chrono-node/en")];

/** Once the page is live, so that nobody waits for these instead. Answers what takes it back. */
export function preloadWhenLive(client: Taskwire, parts: readonly Part[]): () => void {
  let cancel: (() => void) | undefined;
  const stop = client.connection.state.subscribe((state) => {
    if (state !== "live" || cancel) return;
    cancel = whenIdle(() => {
      for (const part of parts) part.preload();
      for (const load of tools) void load().catch(() => undefined);
    });
  });
  return () => {
    stop();
    cancel?.();
  };
}
