/** Parts of the page that are loaded when they are first wanted, so that the board comes without them. */
import { signal } from "@preact/signals";
import type { ComponentType, FunctionComponent } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { texts } from "./texts/index.ts";
import { Button } from "./ui/button.tsx";
import { EmptyState } from "./ui/empty-state.tsx";
import { Spinner } from "./ui/skeleton.tsx";

export interface Lazy<Props> {
  (props: Props): ReturnType<FunctionComponent<Props>>;
  /** Loads it in advance, so that it is there when it is wanted and there may be no connection. */
  preload(): void;
}

/** A part that cannot be loaded (the server was updated, or there is no connection) says so and offers to try again. */
export const lazy = <Props extends object>(load: () => Promise<ComponentType<Props>>): Lazy<Props> =>
  deferred(load, () => <Waiting />);

/** The same of what stands over the page: nothing is shown while it loads, and Escape closes it already. */
export const lazyAbove = <Props extends { readonly close: () => void }>(
  load: () => Promise<ComponentType<Props>>,
): Lazy<Props> => deferred(load, ({ close }) => <Closing close={close} />);

function deferred<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: (props: Props) => ReturnType<FunctionComponent<Props>>,
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
    return waiting(props);
  };
  return Object.assign(Part, { preload: ask });
}

function Closing({ close }: { readonly close: () => void }) {
  useLayoutEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, [close]);
  return null;
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
