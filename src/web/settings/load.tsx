/** What a settings page asks the server for once: shown when it is there, with a way to ask again where it fails. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { sentence } from "../action.ts";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Skeleton } from "../ui/skeleton.tsx";

export interface Loaded<Value> {
  /** undefined until it is there for the first time. */
  readonly value: Value | undefined;
  readonly problem: string | undefined;
  readonly set: (value: Value) => void;
  readonly reload: () => Promise<void>;
}

/** `load` may be another function each time; it is called when the component appears, and by `reload`. */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const value = useSignal<Value | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const latest = useRef(load);
  latest.current = load;
  const reload = async (): Promise<void> => {
    try {
      value.value = await latest.current();
      problem.value = undefined;
    } catch (error) {
      problem.value = sentence(reasonOf(error));
    }
  };
  const begin = useRef(reload).current;
  useEffect(() => void begin(), [begin]);
  return {
    value: value.value,
    problem: problem.value,
    set: (next) => {
      value.value = next;
    },
    reload,
  };
}

interface Props<Value> {
  readonly loaded: Loaded<Value>;
  readonly children: (value: Value) => ComponentChildren;
}

export function Show<Value>({ loaded, children }: Props<Value>) {
  if (loaded.value !== undefined) return <>{children(loaded.value)}</>;
  if (loaded.problem !== undefined) {
    return (
      <EmptyState icon="offline" title={loaded.problem}>
        <Button onClick={() => void loaded.reload()}>{texts.common.retry}</Button>
      </EmptyState>
    );
  }
  return (
    <div aria-busy="true">
      <span class="unseen" role="status">
        {texts.common.loading}
      </span>
      <Skeleton lines={4} />
    </div>
  );
}
