/** A notification that was clicked leads to its task in the page that is open. */
import { navigate } from "../route.ts";
import { isView } from "../view-paths.ts";

/** From now on. Only this server's worker can send such a message. */
export function followClicks(): void {
  // Missing where the page is not served over https.
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null || !("open" in data) || typeof data.open !== "string") return;
    const { pathname, search } = new URL(data.open, location.origin);
    if (isView(pathname)) navigate(pathname + search);
  });
}
