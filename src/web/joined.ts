/** A project's room for as long as a view is shown. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ProjectStore, type Taskwire, TaskwireError } from "../client/index.ts";
import { texts } from "./texts/index.ts";

export interface Joined {
  /** null until the project is there. */
  readonly store: ProjectStore | null;
  /** Why it cannot be opened, in words for people. */
  readonly problem: string | null;
}

/** How many views show a project now, by its id. */
const views = new Map<string, number>();
const count = (id: string, by: 1 | -1): void => void views.set(id, (views.get(id) ?? 0) + by);

/** At once where the page is live. Without a connection it could not be joined again: it stays for who comes back to it. */
function leaveWhenLive(client: Taskwire, store: ProjectStore): void {
  const stop = client.connection.state.subscribe((state) => {
    if (state !== "live") return;
    // The first call comes before there is anything to stop.
    queueMicrotask(() => stop());
    if ((views.get(store.id) ?? 0) === 0) store.leave();
  });
}

/** Joins while the component is shown, and leaves behind it. */
export function useJoined(client: Taskwire, projectId: string): Joined {
  const store = useSignal<ProjectStore | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    let shown = true;
    count(projectId, 1);
    client.joinProject(projectId).then(
      (joined) => {
        if (shown) store.value = joined;
        else leaveWhenLive(client, joined);
      },
      (error: unknown) => {
        if (!(error instanceof TaskwireError)) throw error;
        if (shown) problem.value = error.code === "not_found" ? texts.projects.missing : error.message;
      },
    );
    return () => {
      shown = false;
      count(projectId, -1);
      const left = store.peek();
      if (left) leaveWhenLive(client, left);
    };
  }, [client, projectId, store, problem]);
  return { store: store.value, problem: problem.value };
}
