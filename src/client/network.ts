/** Hints from the browser that the network may have changed. Elsewhere there are none. */

const hints = ["online", "offline", "pageshow"] as const;

/**
 * Calls `hint` when the network came or went or the page became visible. Only a hint: a browser without network still
 * reaches a server on its own machine. Answers the function that ends it.
 */
export function watchNetwork(hint: () => void): () => void {
  const page = typeof document === "undefined" ? undefined : document;
  if (!page || typeof globalThis.addEventListener !== "function") return () => {};
  const visible = () => {
    if (page.visibilityState === "visible") hint();
  };
  for (const name of hints) globalThis.addEventListener(name, hint);
  page.addEventListener("visibilitychange", visible);
  return () => {
    for (const name of hints) globalThis.removeEventListener(name, hint);
    page.removeEventListener("visibilitychange", visible);
  };
}
