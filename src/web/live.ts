/** Between the SDK's observables and the views. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Observable } from "../client/index.ts";

/** The value of an observable; the component renders again when it changes. */
export function useLive<T>(observable: Observable<T>): T {
  const changes = useSignal(0);
  useEffect(
    () =>
      observable.subscribe(() => {
        changes.value = changes.peek() + 1;
      }),
    [observable, changes],
  );
  // Read, so that a change renders this component again.
  void changes.value;
  return observable.value;
}
