/** Parts of the page that are loaded when they are first wanted, so that the board comes without them. */
import { signal } from "@preact/signals";
import type { ComponentType, FunctionComponent } from "preact";
import { texts } from "./texts/index.ts";
import { Button } from "./ui/button.tsx";
import { EmptyState } from "./ui/empty-state.tsx";
import { Spinner } from "./ui/skeleton.tsx";

export interface Lazy<Props> {
  (props: Props): ReturnType<FunctionComponent<Props>>;
  /** Loads it in advance, so that it is there when it is wanted and there may be no connection. */
  preload(): void;
}

/**
 * `quiet`: nothing is shown while it loads, for what stands over the page. A part that cannot be loaded (the server was
 * updated, or there is no connection) says so and offers to try again.
 */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { quiet = false } = {},
): Lazy<Props> {
  const loaded = signal<ComponentType<Props> | undefined>(undefined);
  const failed = signal(false);
  let asking = false;
  const ask = (): void => {
    if (asking || loaded.peek()) return;
    asking = true;
    failed.value = false;
    load()
      .then(
        (component) => {
          loaded.value = component;
        },
        () => {
          failed.value = true;
        },
      )
      .finally(() => {
        asking = false;
      });
  };
  const Part = (props: Props) => {
    const Component = loaded.value;
    if (Component) return <Component {...props} />;
    if (failed.value) return <Failed retry={ask} />;
    queueMicrotask(ask);
    return quiet ? null : <Waiting />;
  };
  return Object.assign(Part, { preload: ask });
}

/** Runs it when the page has nothing to do, at the latest after 5 s. Answers what takes that back. Safari has no such call. */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(run, 1000);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: 5000 });
  return () => cancelIdleCallback(handle);
}

/** The spinner appears only where it takes long. */
function Waiting() {
  return (
    <main class="center" aria-busy="true">
      <span class="late">
        <Spinner />
        <span class="unseen">{texts.common.loading}</span>
      </span>
    </main>
  );
}

function Failed({ retry }: { readonly retry: () => void }) {
  return (
    <main class="center">
      <EmptyState icon="offline" title={texts.common.partMissing} text={texts.common.partMissingHint}>
        <Button kind="primary" onClick={retry}>
          {texts.common.retry}
        </Button>
        <Button onClick={() => location.reload()}>{texts.common.reload}</Button>
      </EmptyState>
    </main>
  );
}
