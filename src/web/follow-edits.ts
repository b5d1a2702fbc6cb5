/** Shows edits of the sources at once: style sheets without losing anything, all else by loading the page anew. */

/** In development only. */
export function followEdits(): void {
  const source = new EventSource("/dev/changes");
  source.addEventListener("message", ({ data }) => {
    if (data === "styles") void swapStyles();
    else location.reload();
  });
}

/** The document names the new style sheet; the old one goes when that is there, so that nothing flickers. */
async function swapStyles(): Promise<void> {
  const document = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  const fresh = document.querySelector<HTMLLinkElement>("link[rel=stylesheet]");
  const old = globalThis.document.querySelector<HTMLLinkElement>("link[rel=stylesheet]");
  if (!fresh || !old || fresh.getAttribute("href") === old.getAttribute("href")) return;
  const link = globalThis.document.adoptNode(fresh);
  link.addEventListener("load", () => old.remove());
  old.after(link);
}
