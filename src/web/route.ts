/** Which view the address names. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { readonly view: "projects" }
  | { readonly view: "board"; readonly projectId: string }
  /** The link that the server printed: makes the first account. */
  | { readonly view: "setup"; readonly token: string };

const address = signal(new URL(location.href));

export const route = computed<Route>(() => {
  const { pathname, searchParams } = address.value;
  const projectId = /^\/projects\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (projectId !== undefined) return { view: "board", projectId };
  if (pathname === "/setup") return { view: "setup", token: searchParams.get("token") ?? "" };
  return { view: "projects" };
});

export const boardPath = (projectId: string): string => `/projects/${projectId}`;

/** Goes to a path of this page. `replace`: the present address is not kept in the history. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  address.value = new URL(location.href);
}

/** For links: goes there without loading the page anew, unless another tab was asked for. */
export function follow(event: MouseEvent & { readonly currentTarget: HTMLAnchorElement }): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(new URL(event.currentTarget.href).pathname);
}

addEventListener("popstate", () => {
  address.value = new URL(location.href);
});
