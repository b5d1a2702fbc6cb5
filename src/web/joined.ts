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

/** Joins while the component is shown, and leaves behind it. */
export function useJoined(client: Taskwire, projectId: string): Joined {
  const store = useSignal<ProjectStore | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    let shown = true;
    client.joinProject(projectId).then(
      (joined) => {
        if (shown) store.value = joined;
        else joined.leave();
      },
      (error: unknown) => {
        if (!(error instanceof TaskwireError)) throw error;
        if (shown) problem.value = error.code === "not_found" ? texts.projects.missing : error.message;
      },
    );
    return () => {
      shown = false;
      store.peek()?.leave();
    };
  }, [client, projectId, store, problem]);
  return { store: store.value, problem: problem.value };
}
